// Dynamic registration and management (RFC 7591, RFC 7592), logout (OpenID Connect RP-Initiated Logout 1.0), key rotation.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createLocalJWKSet, createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { pageKind } from '../../harness/agent.mjs';
import { CALLBACK, SIGNED_OUT, authorizationRequest, eachTenant, refusedWith, signIn } from './support.mjs';

async function register(place, metadata) {
  const response = await fetch(`${place.issuer}/oauth2/register`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(metadata),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

function manage(registration, method, body) {
  return fetch(registration.registration_client_uri, {
    method,
    headers: { authorization: `Bearer ${registration.registration_access_token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    body: body && JSON.stringify(body),
  });
}

eachTenant('registration-and-logout', (place) => {
  it('registers, reads, updates and deletes a client', async () => {
    const made = await register(place(), { client_name: 'Managed', redirect_uris: [CALLBACK], unknown_member: 1 });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.match(made.headers.get('cache-control'), /no-store/);
    const registration = made.body;
    for (const member of ['client_id', 'client_secret', 'client_id_issued_at', 'client_secret_expires_at', 'registration_access_token', 'registration_client_uri']) {
      assert.ok(registration[member] !== undefined, member);
    }
    assert.ok(registration.registration_client_uri.startsWith(`${place().issuer}/`));
    assert.deepEqual(registration.grant_types, ['authorization_code']);

    const read = await manage(registration, 'GET');
    assert.equal(read.status, 200);
    assert.equal((await read.json()).client_name, 'Managed');

    const change = { client_id: registration.client_id, client_name: 'Renamed', redirect_uris: [CALLBACK, `${CALLBACK}/two`] };
    const changed = await manage(registration, 'PUT', change);
    const after = await changed.json();
    assert.equal(changed.status, 200, JSON.stringify(after));
    assert.equal(after.client_name, 'Renamed');

    const stranger = (await register(place(), { redirect_uris: [CALLBACK] })).body;
    const crossed = await manage({ ...registration, registration_access_token: stranger.registration_access_token }, 'GET');
    assert.equal(crossed.status, 401, 'a registration token opens its own client only');

    const current = { ...registration, registration_access_token: after.registration_access_token ?? registration.registration_access_token };
    assert.equal((await manage(current, 'DELETE')).status, 204);
    assert.equal((await manage(current, 'GET')).status, 401);
  });

  it('refuses hostile metadata with the error of RFC 7591 3.2.2', async () => {
    const redirects = ['javascript:alert(1)', 'data:text/html,x', 'https://app.example.test/#fragment', 'http://app.example.test/callback',
      'https://user:pass@app.example.test/', 'not a url', '/relative', 'https://*.example.test/', 'vbscript:x', 'file:///etc/passwd'];
    for (const uri of redirects) {
      const answer = await register(place(), { redirect_uris: [uri] });
      assert.equal(answer.status, 400, `${uri}: ${JSON.stringify(answer.body)}`);
      assert.equal(answer.body.error, 'invalid_redirect_uri', uri);
    }
    const metadata = [
      { redirect_uris: [CALLBACK], grant_types: ['password'] },
      { redirect_uris: [CALLBACK], response_types: ['token'] },
      { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'magic' },
      { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'private_key_jwt' },
      { redirect_uris: [CALLBACK], id_token_signed_response_alg: 'none' },
      { redirect_uris: [CALLBACK], id_token_signed_response_alg: 'HS1' },
      { redirect_uris: [CALLBACK], logo_uri: 'javascript:alert(1)' },
      { redirect_uris: [CALLBACK], jwks: { keys: [] }, jwks_uri: 'https://app.example.test/jwks' },
      { redirect_uris: [CALLBACK], jwks_uri: 'http://169.254.169.254/latest/meta-data' },
      { redirect_uris: [CALLBACK], backchannel_logout_uri: 'file:///etc/passwd' },
      { redirect_uris: 'https://app.example.test/callback' },
      { redirect_uris: [CALLBACK], client_name: 7 },
    ];
    for (const each of metadata) {
      const answer = await register(place(), each);
      assert.equal(answer.status, 400, `${JSON.stringify(each)}: ${JSON.stringify(answer.body)}`);
      assert.match(answer.body.error, /^invalid_(client_metadata|redirect_uri)$/, JSON.stringify(each));
    }
  });

  it('signs out by the hint and returns to the client with its state', async () => {
    const config = await place().commandLineClient();
    const { agent, tokens } = await signIn(place(), config);
    const state = oidc.randomState();
    const url = oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: SIGNED_OUT, state });
    const arrival = await agent.goto(url);
    assert.equal(arrival.kind, 'callback', String(arrival));
    assert.equal(arrival.url.href, `${SIGNED_OUT}?state=${state}`);
    const silent = await agent.goto((await authorizationRequest(config, { prompt: 'none' })).url);
    assert.equal(silent.params.get('error'), 'login_required');
    await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), refusedWith('invalid_grant'));
  });

  it('asks before it signs out without a hint, and never leaves for an unregistered address', async () => {
    const config = await place().commandLineClient();
    const { agent, tokens } = await signIn(place(), config);
    const page = await agent.goto(config.serverMetadata().end_session_endpoint);
    assert.equal(page.kind, 'page');
    assert.equal(page.status, 200);
    const still = await agent.goto((await authorizationRequest(config, { prompt: 'none' })).url);
    assert.ok(still.params.get('code'), 'asking is not doing');

    const elsewhere = await agent.goto(oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: 'https://evil.example/' }));
    assert.equal(elsewhere.kind, 'page');
    assert.notEqual(elsewhere.url.hostname, 'evil.example');

    const [form] = page.forms().filter((candidate) => candidate.method === 'POST');
    const done = await agent.submit(form, /sign out|log out|yes/i);
    assert.equal(done.kind, 'page');
    const gone = await agent.goto((await authorizationRequest(config)).url);
    assert.equal(pageKind(gone), 'sign-in');
  });

  it('rotates keys without breaking what was signed before', async () => {
    const config = await place().commandLineClient();
    const jwksUri = new URL(config.serverMetadata().jwks_uri);
    const before = await signIn(place(), config);
    await place().installation.json('key', 'rotate', '--tenant', place().tenant);
    const published = await eventually(async () => {
      const { keys } = await (await fetch(jwksUri)).json();
      return keys.length > 2 && { keys };
    });
    for (const key of published.keys) {
      assert.equal(key.d, undefined);
      assert.ok(key.kid && key.alg && key.use === 'sig' && key.kty, JSON.stringify(key));
    }
    await place().installation.json('key', 'rotate', '--tenant', place().tenant);
    const after = await eventually(async () => {
      const signed = await signIn(place(), config);
      return decodeProtectedHeader(signed.tokens.id_token).kid !== decodeProtectedHeader(before.tokens.id_token).kid && signed;
    });
    assert.ok(after, 'a new key signs soon after the rotation');
    const options = { issuer: place().issuer, audience: config.clientMetadata().client_id };
    await jwtVerify(before.tokens.id_token, createRemoteJWKSet(jwksUri), options);
    await jwtVerify(after.tokens.id_token, createRemoteJWKSet(jwksUri), options);
    await jwtVerify(after.tokens.id_token, createLocalJWKSet(published), options)
      .catch(() => assert.fail('the next key is published before it signs, so that a cached key set still verifies'));
    assert.equal((await oidc.tokenIntrospection(config, before.tokens.access_token)).active, true);
    assert.ok((await oidc.refreshTokenGrant(config, before.tokens.refresh_token)).id_token);
  });
});

/** The command runs in another process: the server may take a moment to hear of it. */
async function eventually(attempt, timeoutMs = 10_000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const result = await attempt();
    if (result || Date.now() > deadline) return result;
    await new Promise((done) => { setTimeout(done, 200); });
  }
}
