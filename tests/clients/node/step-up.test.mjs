// Step-up (RFC 9470) seen from an API, its client and its user: the API asks for more, the client asks the user for it.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, it } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { totp } from '../../harness/authenticators.mjs';
import { CALLBACK, authorizationRequest, eachTenant, signIn } from './support.mjs';

const TWO_FACTORS = 'urn:authflow:acr:multi-factor';
const API = 'https://payments.example.test';

/** An API that reads with any token, and pays only for two factors and a proof of the last five minutes. */
class Api {
  constructor(place) {
    this.issuer = place.issuer;
    this.maxAge = 300;
    this.server = createServer((request, response) => this.answer(request, response));
  }

  async start(jwksUri) {
    this.keys = createRemoteJWKSet(new URL(jwksUri));
    await new Promise((done) => { this.server.listen(0, '127.0.0.1', done); });
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  stop() { this.server.close(); this.server.closeAllConnections(); }

  async answer(request, response) {
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    const verified = await jwtVerify(token, this.keys, { issuer: this.issuer, audience: API, typ: 'at+jwt' }).catch(() => null);
    if (!verified) {
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
      return;
    }
    const { acr, auth_time: at, sub } = verified.payload;
    const isFresh = Date.now() / 1000 - at <= this.maxAge;
    if (request.url === '/pay' && !([TWO_FACTORS, 'phr'].includes(acr) && isFresh)) {
      const challenge = `Bearer error="insufficient_user_authentication", error_description="a second factor is needed", acr_values="${TWO_FACTORS}", max_age="${this.maxAge}"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ sub, acr, at }));
  }
}

/** What the API's challenge asks for (RFC 9470 3), as the stock client reads it. */
async function challengeOf(config, token, url) {
  try {
    await oidc.fetchProtectedResource(config, token, new URL(url), 'GET');
  } catch (error) {
    const [{ scheme, parameters }] = error.cause;
    return { status: error.status ?? error.response?.status, scheme, ...parameters };
  }
  return null;
}

eachTenant('step-up', (place) => {
  let api;
  let config;

  before(async () => {
    await place().installation.json('resource', 'create', '--tenant', place().tenant, '--identifier', API, '--name', 'Payments');
    config = await place().commandLineClient();
    api = await new Api(place()).start(config.serverMetadata().jwks_uri);
  });
  after(() => api?.stop());

  /** Answers the pages of a step-up with a code of the app, which is set up first where there is none. */
  async function giveFactor(agent, page, app) {
    let current = page;
    const secret = app.secret ?? /otpauth:\/\/totp\/[^"]*secret=([A-Z2-7]{32})/.exec(current.text)?.[1];
    assert.ok(secret, `no secret on ${current}`);
    const form = current.forms().find((one) => one.values.has('code'));
    form.values.set('code', totp(secret, app.secret ? 1 : 0));
    current = await agent.submit(form);
    if (current.kind === 'page' && !app.secret) {
      // Recovery codes are shown once; its link goes on.
      const onward = current.dom.querySelectorAll('a').find((link) => (link.getAttribute('href') ?? '').includes('/oauth2/authorize/resume'));
      assert.ok(onward, `no way on from ${current}`);
      current = await agent.goto(new URL(onward.getAttribute('href'), current.url));
    }
    app.secret = secret;
    return current;
  }

  it('turns the challenge of an API into a token that it takes', async () => {
    const user = await place().newUser();
    const agent = place().agent();
    const weak = await signIn(place(), config, { agent, user, resource: API });
    assert.equal((await oidc.fetchProtectedResource(config, weak.tokens.access_token, new URL(`${api.url}/read`), 'GET')).status, 200);

    const asked = await challengeOf(config, weak.tokens.access_token, `${api.url}/pay`);
    assert.deepEqual([asked.status, asked.scheme, asked.error], [401, 'bearer', 'insufficient_user_authentication']);
    const demands = { acr_values: asked.acr_values, max_age: asked.max_age };
    // Nothing is pretended: silently, the client is told that the user is needed.
    const silent = await authorizationRequest(config, { resource: API, ...demands, prompt: 'none' });
    const refused = await agent.goto(silent.url);
    assert.equal(refused.params.get('error'), 'login_required');

    const app = {};
    const request = await authorizationRequest(config, { resource: API, ...demands });
    const page = await agent.goto(request.url);
    assert.equal(page.url.pathname.endsWith('/sign-in/set-up'), true, `not asked for everything again: ${page}`);
    const arrival = await giveFactor(agent, page, app);
    assert.equal(arrival.kind, 'callback', String(arrival));
    const strong = await oidc.authorizationCodeGrant(config, arrival.url, { ...request.checks, maxAge: Number(demands.max_age) });
    assert.equal(strong.claims().acr, TWO_FACTORS);
    const paid = await (await oidc.fetchProtectedResource(config, strong.access_token, new URL(`${api.url}/pay`), 'GET')).json();
    assert.deepEqual([paid.sub, paid.acr, paid.at], [weak.claims.sub, TWO_FACTORS, strong.claims().auth_time]);
    assert.ok(paid.at >= weak.claims.auth_time);

    // A refreshed token says what was proven then, and the weak one never grows stronger.
    const refreshed = await oidc.refreshTokenGrant(config, strong.refresh_token, { resource: API });
    assert.equal(await challengeOf(config, refreshed.access_token, `${api.url}/pay`), null);
    const same = await oidc.refreshTokenGrant(config, weak.tokens.refresh_token, { resource: API });
    assert.equal((await challengeOf(config, same.access_token, `${api.url}/pay`)).error, 'insufficient_user_authentication');
  });

  it('asks anew for a proof that is too old, and says when it was given', async () => {
    const user = await place().newUser();
    const agent = place().agent();
    const first = await signIn(place(), config, { agent, user, resource: API });
    const again = await signIn(place(), config, { agent, user, resource: API, max_age: '0' });
    assert.deepEqual(again.arrival.seen, ['sign-in']);
    assert.ok(again.claims.auth_time >= first.claims.auth_time);
    const straight = await signIn(place(), config, { agent, user, resource: API, max_age: '300' });
    assert.deepEqual([straight.arrival.seen, straight.claims.auth_time], [[], again.claims.auth_time]);
  });
});
