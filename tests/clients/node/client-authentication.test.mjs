// Every way a client proves who it is (OpenID Connect Core 9), and what happens when the proof is wrong.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import * as oidc from 'openid-client';
import { assertOAuthError, basic, eachTenant, insecure, postForm, signIn } from './support.mjs';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const MACHINE = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: undefined };

async function keyFor(alg) {
  const pair = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...await exportJWK(pair.publicKey), kid: `${alg}-1`, alg, use: 'sig' };
  return { privateKey: pair.privateKey, jwk };
}

/** A hand-made client assertion: right in everything except what `change` changes. */
function assertion(config, privateKey, change = {}, header = {}) {
  const now = Math.floor(Date.now() / 1000);
  const { client_id: id } = config.clientMetadata();
  const claims = { iss: id, sub: id, aud: config.serverMetadata().issuer, jti: randomUUID(), iat: now, exp: now + 60, ...change };
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'ES256-1', ...header }).sign(privateKey);
}

eachTenant('client-authentication', (place) => {
  const withSecret = { client_secret_basic: oidc.ClientSecretBasic, client_secret_post: oidc.ClientSecretPost, client_secret_jwt: oidc.ClientSecretJwt };
  for (const [method, auth] of Object.entries(withSecret)) {
    it(`${method} works for codes, refresh, introspection and revocation`, async () => {
      const config = await place().registeredClient({ token_endpoint_auth_method: method }, auth());
      const { tokens } = await signIn(place(), config);
      const next = await oidc.refreshTokenGrant(config, tokens.refresh_token);
      const seen = await oidc.tokenIntrospection(config, next.access_token);
      assert.equal(seen.active, true);
      await oidc.tokenRevocation(config, next.refresh_token);
      await assert.rejects(oidc.refreshTokenGrant(config, next.refresh_token), { error: 'invalid_grant' });
    });
  }

  for (const alg of ['ES256', 'RS256', 'PS256', 'EdDSA']) {
    it(`private_key_jwt works with ${alg}`, async () => {
      const { privateKey, jwk } = await keyFor(alg);
      const config = await place().registeredClient({
        // The library signs Ed25519 keys as `Ed25519` (RFC 9864), which is `EdDSA` by its older name.
        token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] }, ...(alg === 'EdDSA' ? {} : { token_endpoint_auth_signing_alg: alg }),
      }, oidc.PrivateKeyJwt({ key: privateKey, kid: jwk.kid }));
      const { tokens } = await signIn(place(), config);
      assert.ok((await oidc.refreshTokenGrant(config, tokens.refresh_token)).access_token);
    });
  }

  it('private_key_jwt refuses replay, wrong audience, expiry, another key, another issuer and another algorithm', async () => {
    const { privateKey, jwk } = await keyFor('ES256');
    const config = await place().registeredClient({ ...MACHINE, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } },
      oidc.PrivateKeyJwt({ key: privateKey, kid: jwk.kid }));
    const { token_endpoint: url } = config.serverMetadata();
    const send = (client_assertion) => postForm(url, { grant_type: 'client_credentials', client_assertion_type: ASSERTION_TYPE, client_assertion });
    const now = Math.floor(Date.now() / 1000);

    const good = await assertion(config, privateKey);
    assert.equal((await send(good)).status, 200);
    assertOAuthError(await send(good), 401, 'invalid_client');

    const stranger = await keyFor('ES256');
    const bad = {
      audience: await assertion(config, privateKey, { aud: 'https://elsewhere.example' }),
      expired: await assertion(config, privateKey, { iat: now - 600, exp: now - 300 }),
      'without expiry': await assertion(config, privateKey, { exp: undefined }),
      'not yet valid': await assertion(config, privateKey, { nbf: now + 600 }),
      key: await assertion(config, stranger.privateKey),
      issuer: await assertion(config, privateKey, { iss: 'cli_somebody' }),
      subject: await assertion(config, privateKey, { sub: 'cli_somebody' }),
      algorithm: await new SignJWT({ iss: 'x' }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(JSON.stringify(jwk))),
      none: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`,
      rubbish: 'a.b.c',
    };
    for (const [what, token] of Object.entries(bad)) {
      const answer = await send(token);
      assert.equal(answer.body.error, 'invalid_client', `${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
      assert.equal(answer.status, 401, what);
    }
  });

  it('refuses a wrong secret, an unknown client and a method that is not the registered one, all alike', async () => {
    const config = await place().registeredClient({ token_endpoint_auth_method: 'client_secret_basic' });
    const { client_id: id, client_secret: secret } = config.clientMetadata();
    const { token_endpoint: url } = config.serverMetadata();
    const body = { grant_type: 'refresh_token', refresh_token: 'unknown' };

    const wrong = await postForm(url, body, basic(id, `${secret}x`));
    const unknown = await postForm(url, body, basic('cli_00000000000000000000000000', secret));
    const method = await postForm(url, { ...body, client_id: id, client_secret: secret });
    const nothing = await postForm(url, { ...body, client_id: id });
    for (const answer of [wrong, unknown, method, nothing]) assertOAuthError(answer, 401, 'invalid_client');
    assert.deepEqual(wrong.body, unknown.body, 'an unknown client looks like a wrong secret');
    assert.match(wrong.headers.get('www-authenticate') ?? '', /^Basic/);

    const twice = await postForm(url, { ...body, client_id: id, client_secret: secret }, basic(id, secret));
    assert.equal(twice.status === 400 || twice.status === 401, true);
    assert.match(twice.body.error, /invalid_request|invalid_client/);
  });

  it('gives a machine a token of its own by client_credentials, without user, ID token or refresh token', async () => {
    const config = await place().registeredClient({ ...MACHINE, token_endpoint_auth_method: 'client_secret_basic' }, oidc.ClientSecretBasic());
    const tokens = await oidc.clientCredentialsGrant(config);
    assert.equal(tokens.refresh_token, undefined);
    assert.equal(tokens.id_token, undefined);
    const seen = await oidc.tokenIntrospection(config, tokens.access_token);
    assert.equal(seen.active, true);
    assert.equal(seen.client_id, config.clientMetadata().client_id);
    assert.ok(!seen.sub || seen.sub === config.clientMetadata().client_id);
    const info = await fetch(config.serverMetadata().userinfo_endpoint, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    assert.ok([401, 403].includes(info.status));
    await assert.rejects(oidc.clientCredentialsGrant(config, { scope: 'openid' }), { error: 'invalid_scope' });
    await assert.rejects(oidc.clientCredentialsGrant(config, { scope: 'no-such-scope' }), { error: 'invalid_scope' });
    await assert.rejects(oidc.clientCredentialsGrant(config, { resource: 'https://no-such.example' }), { error: 'invalid_target' });
  });

  it('does not give client_credentials to a public client or to one that may not use it', async () => {
    const open = await place().commandLineClient(undefined, { type: 'public' });
    await assert.rejects(oidc.clientCredentialsGrant(open), { error: /unauthorized_client|invalid_client/ });
    const config = await place().registeredClient({ token_endpoint_auth_method: 'client_secret_basic' }, oidc.ClientSecretBasic());
    await assert.rejects(oidc.clientCredentialsGrant(config), { error: 'unauthorized_client' });
  });

  it('makes a command-line client work with either way of sending its secret', async () => {
    for (const auth of [oidc.ClientSecretBasic, oidc.ClientSecretPost]) {
      const config = await place().commandLineClient(auth);
      const again = await oidc.discovery(new URL(place().issuer), config.clientMetadata().client_id, config.clientMetadata().client_secret, auth(), insecure);
      assert.ok((await signIn(place(), again)).tokens.access_token);
    }
  });
});
