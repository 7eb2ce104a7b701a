// A small web application that signs its users in with openid-client: the other side of every browser test.

import { createServer } from 'node:http';
import { once } from 'node:events';
import * as oidc from 'openid-client';
import { addClient } from '../harness/provision.mjs';

function page(response, status, body) {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(`<!doctype html><html lang="en"><head><title>Application</title><link rel="icon" href="data:,"></head><body>${body}</body></html>`);
}

/** Serves /login (query goes into the authorization request), /callback, /logout, /signed-out and /frame?url=. */
export class RelyingParty {
  static async start(installation, tenant, clientOptions = {}) {
    const party = new RelyingParty();
    party.server = createServer((request, response) => party.answer(request, response).catch((error) => {
      page(response, 500, `<h1>Error</h1><pre id="error">${error.error ?? error.cause?.error ?? ''} ${error.message}</pre>`);
    }));
    party.server.listen(0, '127.0.0.1');
    await once(party.server, 'listening');
    party.origin = `http://127.0.0.1:${party.server.address().port}`;
    const made = await addClient(installation, tenant, {
      name: 'Application', redirectUri: `${party.origin}/callback`, postLogoutRedirectUri: `${party.origin}/signed-out`, ...clientOptions,
    });
    party.issuer = new URL(installation.issuer(tenant));
    party.made = made;
    return party;
  }

  async config() {
    this.discovered ??= await oidc.discovery(this.issuer, this.made.client_id, this.made.client_secret,
      oidc.ClientSecretBasic(), { execute: [oidc.allowInsecureRequests] });
    return this.discovered;
  }

  async answer(request, response) {
    const url = new URL(request.url, this.origin);
    const handler = this[`get${url.pathname.replaceAll('/', '_')}`];
    if (!handler) return page(response, 404, '<h1>Nothing here</h1>');
    return handler.call(this, request, response, url);
  }

  async get_login(request, response, url) {
    const config = await this.config();
    this.pending = { pkceCodeVerifier: oidc.randomPKCECodeVerifier(), expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce() };
    const target = oidc.buildAuthorizationUrl(config, {
      redirect_uri: `${this.origin}/callback`,
      scope: 'openid profile email offline_access',
      state: this.pending.expectedState,
      nonce: this.pending.expectedNonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(this.pending.pkceCodeVerifier),
      code_challenge_method: 'S256',
      ...Object.fromEntries(url.searchParams),
    });
    response.writeHead(302, { location: target.href }).end();
  }

  async get_callback(request, response, url) {
    let current = url;
    if (request.method === 'POST') {
      const chunks = await request.toArray();
      current = new Request(url, { method: 'POST', body: Buffer.concat(chunks), headers: { 'content-type': request.headers['content-type'] } });
    }
    this.tokens = await oidc.authorizationCodeGrant(await this.config(), current, { ...this.pending, idTokenExpected: true });
    page(response, 200, `<h1>Signed in</h1><p id="subject">${this.tokens.claims().sub}</p><a href="/logout">Log out</a>`);
  }

  async get_logout(request, response, url) {
    const hint = url.searchParams.has('no-hint') ? {} : { id_token_hint: this.tokens.id_token };
    const target = oidc.buildEndSessionUrl(await this.config(), { ...hint, post_logout_redirect_uri: `${this.origin}/signed-out` });
    response.writeHead(302, { location: target.href }).end();
  }

  'get_signed-out'(request, response) { page(response, 200, '<h1>Signed out</h1>'); }

  get_frame(request, response, url) { page(response, 200, `<h1>Frame</h1><iframe title="framed" src="${url.searchParams.get('url')}"></iframe>`); }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
