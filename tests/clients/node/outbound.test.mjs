// What Authflow fetches from and delivers to addresses that clients name: key sets and back-channel logout. Loopback is
// refused by default and allowed here by the named exception for development.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { after, before, it } from 'node:test';
import { SignJWT, createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { eachTenant, postForm, signIn } from './support.mjs';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

async function key(kid) {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { kid, privateKey, jwk: { ...await exportJWK(publicKey), kid, alg: 'ES256', use: 'sig' } };
}

/** The client's own web server: its key set at /jwks, and what was posted to /logout. */
class Application {
  constructor() {
    this.keys = [];
    this.logouts = [];
    this.waiting = [];
    this.server = createServer(async (request, response) => {
      if (request.url === '/jwks') {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: this.keys }));
        return;
      }
      const body = Buffer.concat(await request.toArray()).toString();
      this.logouts.push(new URLSearchParams(body));
      response.writeHead(200, { 'cache-control': 'no-store' }).end();
      for (const resolve of this.waiting.splice(0)) resolve();
    });
  }

  async start() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.origin = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  async nextLogout(timeoutMs = 15_000) {
    if (this.logouts.length === 0) {
      const timeout = AbortSignal.timeout(timeoutMs);
      await new Promise((resolve, reject) => {
        this.waiting.push(resolve);
        timeout.addEventListener('abort', () => reject(new Error(`no logout token within ${timeoutMs} ms`)));
      });
    }
    return this.logouts.shift();
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

eachTenant('outbound', (place) => {
  let application;
  before(async () => { application = await new Application().start(); });
  after(() => application.stop());

  it('fetches the keys of private_key_jwt, and fetches again when the client has rotated them', async () => {
    const [first, second] = [await key('one'), await key('two')];
    application.keys = [first.jwk];
    const config = await place().registeredClient({
      token_endpoint_auth_method: 'private_key_jwt', jwks_uri: `${application.origin}/jwks`,
      grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: undefined,
    });
    const { client_id: id } = config.clientMetadata();
    const request = async ({ privateKey, kid }) => {
      const now = Math.floor(Date.now() / 1000);
      const assertion = await new SignJWT({ iss: id, sub: id, aud: place().issuer, jti: randomUUID(), iat: now, exp: now + 60 })
        .setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
      return postForm(config.serverMetadata().token_endpoint, { grant_type: 'client_credentials', client_assertion_type: ASSERTION_TYPE, client_assertion: assertion });
    };
    assert.equal((await request(first)).status, 200);
    assert.equal((await request(second)).status, 401, 'a key that is not published proves nothing');
    application.keys = [second.jwk];
    const deadline = Date.now() + 30_000;
    let answer = await request(second);
    while (answer.status !== 200 && Date.now() < deadline) {
      await new Promise((done) => { setTimeout(done, 500); });
      answer = await request(second);
    }
    assert.equal(answer.status, 200, 'the rotated key is found');
  });

  it('tells the application about a sign-out by a signed logout token', async () => {
    application.logouts = [];
    const config = await place().registeredClient({ backchannel_logout_uri: `${application.origin}/logout`, backchannel_logout_session_required: true });
    const { agent, tokens, claims } = await signIn(place(), config);
    await agent.goto(oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token }));
    const delivered = await application.nextLogout();
    const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
    const { payload } = await jwtVerify(delivered.get('logout_token'), keys, {
      issuer: place().issuer, audience: config.clientMetadata().client_id, typ: 'logout+jwt', requiredClaims: ['iat', 'exp', 'jti', 'events', 'sid'],
    });
    assert.deepEqual(payload.events, { [LOGOUT_EVENT]: {} });
    assert.equal(payload.sub, claims.sub);
    assert.equal(payload.sid, claims.sid);
    assert.equal(payload.nonce, undefined);
  });
}, { env: { AUTHFLOW_OUTBOUND_ALLOW_NETWORKS: '127.0.0.0/8', AUTHFLOW_OUTBOUND_ALLOW_HTTP: 'true' } });

eachTenant('outbound-guarded', (place) => {
  it('never connects to loopback, by whatever name, unless the operator allows it', async () => {
    let connections = 0;
    const trap = createTcpServer((socket) => { connections += 1; socket.destroy(); });
    trap.listen(0, '127.0.0.1');
    await once(trap, 'listening');
    const { port } = trap.address();
    const { kid, privateKey } = await key('one');
    for (const host of ['localhost', '127.0.0.1', '[::ffff:127.0.0.1]', '2130706433', '0x7f000001', '127.1']) {
      let config;
      try {
        config = await place().registeredClient({
          token_endpoint_auth_method: 'private_key_jwt', jwks_uri: `https://${host}:${port}/jwks`,
          grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: undefined,
        });
      } catch (refused) {
        assert.equal(refused.error, 'invalid_client_metadata', host);
        continue;
      }
      const { client_id: id } = config.clientMetadata();
      const now = Math.floor(Date.now() / 1000);
      const assertion = await new SignJWT({ iss: id, sub: id, aud: place().issuer, jti: randomUUID(), iat: now, exp: now + 60 })
        .setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
      const answer = await postForm(config.serverMetadata().token_endpoint, { grant_type: 'client_credentials', client_assertion_type: ASSERTION_TYPE, client_assertion: assertion });
      assert.equal(answer.status, 401, `${host}: ${JSON.stringify(answer.body)}`);
    }
    trap.close();
    assert.equal(connections, 0);
  });
});
