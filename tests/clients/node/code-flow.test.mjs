// The authorization code flow of an unmodified OpenID Connect client (openid-client), checked by a second library (jose).

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it } from 'node:test';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { interact } from '../../harness/agent.mjs';
import { CALLBACK, authorizationRequest, authorize, eachTenant, insecure, postForm, signIn } from './support.mjs';

function halfHash(value, hash = 'sha256') {
  const digest = createHash(hash).update(value, 'ascii').digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}

eachTenant('code-flow', (place) => {
  it('discovers at the OpenID address and at the RFC 8414 address, with the exact issuer', async () => {
    const { issuer } = place();
    for (const algorithm of ['oidc', 'oauth2']) {
      const config = await oidc.discovery(new URL(issuer), 'anyone', undefined, oidc.None(), { ...insecure, algorithm });
      const metadata = config.serverMetadata();
      assert.equal(metadata.issuer, issuer);
      assert.ok(metadata.supportsPKCE('S256'));
      assert.equal(metadata.authorization_response_iss_parameter_supported, true);
      for (const endpoint of ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri', 'introspection_endpoint',
        'revocation_endpoint', 'registration_endpoint', 'end_session_endpoint']) {
        assert.ok(metadata[endpoint]?.startsWith(`${issuer}/`), `${endpoint}: ${metadata[endpoint]}`);
      }
      assert.deepEqual(metadata.code_challenge_methods_supported, ['S256']);
      for (const alg of ['RS256', 'ES256', 'PS256', 'EdDSA']) assert.ok(metadata.id_token_signing_alg_values_supported.includes(alg), alg);
    }
  });

  it('answers discovery and keys from the cache when nothing changed', async () => {
    for (const path of ['/.well-known/openid-configuration', '/.well-known/jwks.json']) {
      const first = await fetch(place().issuer + path);
      assert.equal(first.status, 200);
      await first.arrayBuffer();
      assert.equal(first.headers.get('access-control-allow-origin'), '*');
      assert.match(first.headers.get('cache-control'), /max-age=\d+/);
      const again = await fetch(place().issuer + path, { headers: { 'if-none-match': first.headers.get('etag') } });
      assert.equal(again.status, 304);
    }
  });

  it('signs a user in with code and PKCE, and a second library verifies the ID token', async () => {
    const config = await place().commandLineClient();
    const { tokens, claims, arrival, agent, checks } = await signIn(place(), config);
    const { issuer } = place();
    const clientId = config.clientMetadata().client_id;

    assert.deepEqual(agent.jar.matching(new URL(issuer)).length > 0, true);
    assert.equal(arrival.params.get('iss'), issuer);
    assert.equal(arrival.params.get('state'), checks.expectedState);
    assert.equal(tokens.token_type, 'bearer');
    assert.ok(tokens.expires_in > 0);
    assert.ok(tokens.refresh_token, 'offline_access gives a refresh token');

    const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
    const { payload, protectedHeader } = await jwtVerify(tokens.id_token, keys, { issuer, audience: clientId, requiredClaims: ['sub', 'iat', 'exp', 'auth_time'] });
    assert.equal(protectedHeader.alg, 'RS256');
    assert.equal(payload.nonce, checks.expectedNonce);
    assert.equal(payload.at_hash, halfHash(tokens.access_token));
    assert.deepEqual(payload.amr, ['pwd']);
    assert.equal(claims.sub, payload.sub);

    const access = await jwtVerify(tokens.access_token, keys, { issuer, typ: 'at+jwt', requiredClaims: ['sub', 'client_id', 'jti', 'iat', 'exp', 'aud'] });
    assert.equal(access.protectedHeader.alg, 'ES256');
    assert.equal(access.payload.client_id, clientId);
    assert.equal(access.payload.sub, claims.sub);

    const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.equal(info.email, place().user.email);
    assert.equal(info.email_verified, true);
  });

  it('signs a public client in, which has no secret', async () => {
    const config = await place().commandLineClient(undefined, { type: 'public' });
    const { tokens } = await signIn(place(), config);
    assert.ok(tokens.id_token);
  });

  it('asks for consent once and remembers it', async () => {
    const config = await place().registeredClient();
    const { agent, arrival } = await authorize(place(), config);
    assert.deepEqual(arrival.seen, ['sign-in', 'consent']);
    const second = await authorize(place(), config, { agent });
    assert.deepEqual(second.arrival.seen, []);
    const silent = await authorize(place(), config, { agent, prompt: 'none', scope: 'openid' });
    assert.ok(silent.arrival.params.get('code'));
  });

  it('gives the same subject to the same client, and userinfo by GET, POST header and POST body', async () => {
    const config = await place().commandLineClient();
    const first = await signIn(place(), config);
    const second = await signIn(place(), config);
    assert.equal(first.claims.sub, second.claims.sub);
    const { userinfo_endpoint: url } = config.serverMetadata();
    const authorization = { authorization: `Bearer ${first.tokens.access_token}` };
    const answers = [await fetch(url, { headers: authorization }), await fetch(url, { method: 'POST', headers: authorization }),
      await fetch(url, { method: 'POST', body: new URLSearchParams({ access_token: first.tokens.access_token }) })];
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      assert.equal((await answer.json()).sub, first.claims.sub);
    }
  });

  it('takes the authorization request by POST as well', async () => {
    const config = await place().commandLineClient();
    const { url, checks } = await authorizationRequest(config);
    const agent = place().agent();
    const page = await agent.goto(url.origin + url.pathname, {
      method: 'POST', body: url.searchParams.toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    const arrival = await interact(agent, page, place());
    const tokens = await oidc.authorizationCodeGrant(config, arrival.url, checks);
    assert.ok(tokens.id_token);
  });

  it('answers by fragment and by form_post when asked', async () => {
    const config = await place().commandLineClient();
    const fragment = await authorize(place(), config, { response_mode: 'fragment' });
    assert.equal(fragment.callbackUrl.search, '');
    const asQuery = new URL(CALLBACK);
    asQuery.search = fragment.callbackUrl.hash.slice(1);
    assert.ok((await oidc.authorizationCodeGrant(config, asQuery, fragment.checks)).id_token);

    const posted = await authorize(place(), config, { response_mode: 'form_post' });
    assert.ok(posted.arrival.body, 'the answer is in a POST body');
    const request = new Request(CALLBACK, { method: 'POST', body: posted.arrival.body });
    assert.ok((await oidc.authorizationCodeGrant(config, request, posted.checks)).id_token);
  });

  it('honours prompt and max_age', async () => {
    const config = await place().commandLineClient();
    const stranger = place().agent();
    const refused = await stranger.goto((await authorizationRequest(config, { prompt: 'none' })).url);
    assert.equal(refused.kind, 'callback');
    assert.equal(refused.params.get('error'), 'login_required');
    assert.equal(refused.params.get('iss'), place().issuer);

    const { agent, claims } = await signIn(place(), config);
    const again = await authorize(place(), config, { agent, prompt: 'login' });
    assert.ok(again.arrival.seen.includes('sign-in'), 'prompt=login asks again');
    const tokens = await oidc.authorizationCodeGrant(config, again.callbackUrl, { ...again.checks, maxAge: 60 });
    assert.ok(tokens.claims().auth_time >= claims.auth_time);
    const aged = await authorize(place(), config, { agent, max_age: '0' });
    assert.ok(aged.arrival.seen.includes('sign-in'), 'max_age=0 asks again');
    const asked = await authorize(place(), config, { agent, prompt: 'consent' });
    assert.deepEqual(asked.arrival.seen, ['consent']);
  });

  it('carries long and odd state back unchanged', async () => {
    const config = await place().commandLineClient();
    const state = `${'é&=+%20 "<>#?;,\u{1F511}'.repeat(20)}`;
    const { arrival } = await authorize(place(), config, { state });
    assert.equal(arrival.params.get('state'), state);
  });

  it('gives the claims of the granted scopes and of the claims parameter, and no others', async () => {
    const config = await place().commandLineClient();
    const { tokens, claims } = await signIn(place(), config, { scope: 'openid' });
    const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.deepEqual(Object.keys(info), ['sub']);
    assert.equal(tokens.refresh_token, undefined);
    const asked = await signIn(place(), config, { scope: 'openid', claims: JSON.stringify({ id_token: { email: null }, userinfo: { email: { essential: true } } }) });
    assert.equal(asked.claims.email, place().user.email);
    assert.equal((await oidc.fetchUserInfo(config, asked.tokens.access_token, asked.claims.sub)).email, place().user.email);
  });

  it('rotates refresh tokens, gives the same successor to a repeated request, and keeps the family within its scopes', async () => {
    const config = await place().commandLineClient();
    const { tokens, claims } = await signIn(place(), config);
    const second = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(second.refresh_token, tokens.refresh_token);
    assert.equal(second.claims().sub, claims.sub);
    assert.equal(second.claims().auth_time, claims.auth_time);
    const repeated = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert.equal(repeated.refresh_token, second.refresh_token);
    const narrowed = await oidc.refreshTokenGrant(config, second.refresh_token, { scope: 'openid email' });
    assert.deepEqual(narrowed.scope.split(' ').sort(), ['email', 'openid']);
    const third = await oidc.refreshTokenGrant(config, narrowed.refresh_token);
    assert.ok((await oidc.fetchUserInfo(config, third.access_token, claims.sub)).sub);
  });

  for (const alg of ['RS256', 'ES256', 'PS256', 'EdDSA']) {
    it(`signs ID tokens with ${alg} for a client that asks for it`, async () => {
      const config = await place().registeredClient({ id_token_signed_response_alg: alg });
      const { tokens } = await signIn(place(), config);
      assert.equal(decodeProtectedHeader(tokens.id_token).alg, alg);
      const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
      const { payload } = await jwtVerify(tokens.id_token, keys, { issuer: place().issuer, audience: config.clientMetadata().client_id });
      // Ed25519 hashes with SHA-512 (the hash of its signature), the others with SHA-256 (OpenID Connect Core 3.1.3.6).
      assert.equal(payload.at_hash, halfHash(tokens.access_token, alg === 'EdDSA' ? 'sha512' : 'sha256'));
      const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
      assert.equal(decodeProtectedHeader(refreshed.id_token).alg, alg);
    });
  }

  it('gives pairwise subjects that differ between sectors and stay the same within one', async () => {
    const one = await place().registeredClient({ subject_type: 'pairwise' });
    const two = await place().registeredClient({ subject_type: 'pairwise', redirect_uris: ['https://other.example.test/callback'] });
    const plain = await place().registeredClient();
    const [a, again, c] = [await signIn(place(), one), await signIn(place(), one), await signIn(place(), plain)];
    assert.equal(a.claims.sub, again.claims.sub);
    assert.notEqual(a.claims.sub, c.claims.sub);
    const agent = place().agent();
    agent.callbacks = ['https://other.example.test/callback'];
    const b = await signIn(place(), two, { agent, redirect_uri: 'https://other.example.test/callback' });
    assert.notEqual(b.claims.sub, a.claims.sub);
    assert.equal((await oidc.fetchUserInfo(one, a.tokens.access_token, a.claims.sub)).sub, a.claims.sub);
  });

  it('signs userinfo for a client that asks for it', async () => {
    const config = await place().registeredClient({ userinfo_signed_response_alg: 'ES256' });
    const { tokens, claims } = await signIn(place(), config);
    const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.equal(info.email, place().user.email);
    const raw = await fetch(config.serverMetadata().userinfo_endpoint, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    assert.match(raw.headers.get('content-type'), /^application\/jwt/);
    await jwtVerify(await raw.text(), createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri)), { issuer: place().issuer, audience: config.clientMetadata().client_id });
  });

  it('never mixes tenants: a code of one is nothing to the other', async () => {
    const config = await place().commandLineClient();
    const { arrival, checks } = await authorize(place(), config);
    const other = place().tenant === 'default' ? 'acme' : 'default';
    const metadata = config.clientMetadata();
    const answer = await postForm(`${place().installation.issuer(other)}/oauth2/token`, {
      grant_type: 'authorization_code', code: arrival.params.get('code'), redirect_uri: CALLBACK,
      code_verifier: checks.pkceCodeVerifier, client_id: metadata.client_id, client_secret: metadata.client_secret,
    });
    assert.equal(answer.status, 401);
    assert.equal(answer.body.error, 'invalid_client');
    assert.ok((await oidc.authorizationCodeGrant(config, arrival.url, checks)).id_token, 'and the attempt did not spend it');
  });
});
