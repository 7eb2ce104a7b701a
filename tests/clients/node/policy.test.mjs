// What a tenant decides: API resources and their scopes, PKCE as a per-client rule, first-party clients, who is disabled.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { interact } from '../../harness/agent.mjs';
import { CALLBACK, assertOAuthError, authorizationRequest, authorize, eachTenant, postForm, refusedWith, signIn } from './support.mjs';

const ORDERS = 'https://orders.example.test';
const VAULT = 'https://vault.example.test';

/** The command line talks to the database, not to the server: the change is seen within moments. */
async function soon(check, timeoutMs = 5000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((done) => { setTimeout(done, 50); });
    }
  }
}

eachTenant('policy', (place) => {
  const command = (...args) => place().installation.json(...args);
  const inTenant = () => ['--tenant', place().tenant];

  it('gives tokens for API resources: JWT with the chosen algorithm, or opaque; scopes belong to their resource', async () => {
    await command('resource', 'create', ...inTenant(), '--identifier', ORDERS, '--name', 'Orders', '--signing-alg', 'EdDSA');
    await command('resource', 'create', ...inTenant(), '--identifier', VAULT, '--name', 'Vault', '--token-format', 'opaque');
    await command('scope', 'create', ...inTenant(), '--name', 'orders:read', '--description', 'Read orders', '--resource', ORDERS);
    const config = await place().commandLineClient(oidc.ClientSecretBasic, { grants: ['client_credentials'], scopes: ['orders:read'], redirectUri: undefined, postLogoutRedirectUri: undefined });
    const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));

    const jwt = await soon(() => oidc.clientCredentialsGrant(config, { resource: ORDERS, scope: 'orders:read' }));
    const { payload } = await jwtVerify(jwt.access_token, keys, { issuer: place().issuer, audience: ORDERS, typ: 'at+jwt' });
    assert.equal(decodeProtectedHeader(jwt.access_token).alg, 'EdDSA');
    assert.equal(payload.scope, 'orders:read');

    const opaque = await oidc.clientCredentialsGrant(config, { resource: VAULT });
    assert.equal(opaque.access_token.split('.').length, 1);
    const seen = await oidc.tokenIntrospection(config, opaque.access_token);
    assert.equal(seen.active, true);
    assert.equal(seen.aud, VAULT);
    await oidc.tokenRevocation(config, opaque.access_token);
    assert.deepEqual(await oidc.tokenIntrospection(config, opaque.access_token), { active: false });
    await assert.rejects(oidc.clientCredentialsGrant(config, { resource: 'https://unknown.example' }), refusedWith('invalid_target'));
  });

  it('gives a user\'s application a token for a resource, and the same by refresh', async () => {
    const config = await place().commandLineClient(oidc.ClientSecretBasic, { scopes: ['openid', 'offline_access', 'orders:read'], grants: ['authorization_code', 'refresh_token'] });
    const { tokens, claims } = await signIn(place(), config, { scope: 'openid offline_access orders:read', resource: ORDERS });
    const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
    for (const token of [tokens, await oidc.refreshTokenGrant(config, tokens.refresh_token)]) {
      const { payload } = await jwtVerify(token.access_token, keys, { audience: ORDERS });
      assert.equal(payload.sub, claims.sub);
    }
  });

  it('lets a confidential client leave PKCE out where the tenant allows it, and holds it to a challenge that it sent', async () => {
    const config = await place().commandLineClient(oidc.ClientSecretBasic, { extra: ['--require-pkce', 'false'] });
    const { arrival, checks } = await authorize(place(), config, { code_challenge: undefined, code_challenge_method: undefined });
    assert.ok((await oidc.authorizationCodeGrant(config, arrival.url, { ...checks, pkceCodeVerifier: undefined })).id_token);
    const challenged = await authorize(place(), config);
    await assert.rejects(oidc.authorizationCodeGrant(config, challenged.arrival.url, { ...challenged.checks, pkceCodeVerifier: undefined }), refusedWith('invalid_grant'));
    const downgraded = await authorize(place(), config, { code_challenge: undefined, code_challenge_method: undefined });
    await assert.rejects(oidc.authorizationCodeGrant(config, downgraded.arrival.url, downgraded.checks), refusedWith('invalid_grant'));
  });

  it('does not ask for consent on behalf of the tenant\'s own application', async () => {
    const config = await place().commandLineClient(oidc.ClientSecretBasic, { extra: ['--first-party', 'true'] });
    const { arrival } = await authorize(place(), config);
    assert.deepEqual(arrival.seen, ['sign-in']);
  });

  it('gives a request without scope the client\'s default', async () => {
    const config = await place().commandLineClient(oidc.ClientSecretBasic, { extra: ['--default-scope', 'openid', '--default-scope', 'email'] });
    const { url, checks } = await authorizationRequest(config);
    url.searchParams.delete('scope');
    const agent = place().agent();
    const arrival = await interact(agent, await agent.goto(url), { user: place().user });
    const tokens = await oidc.authorizationCodeGrant(config, arrival.url, checks);
    assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).email, place().user.email);
  });

  it('ends everything of a disabled client, and nothing of others', async () => {
    const config = await place().commandLineClient();
    const other = await place().commandLineClient();
    const { tokens } = await signIn(place(), config);
    const bystander = await signIn(place(), other);
    await place().installation.cli('client', 'disable', ...inTenant(), config.clientMetadata().client_id);
    const { client_id, client_secret } = config.clientMetadata();
    const form = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id, client_secret };
    await soon(async () => assertOAuthError(await postForm(config.serverMetadata().token_endpoint, form), 401, 'invalid_client'));
    const page = await place().agent().goto((await authorizationRequest(config)).url);
    assert.equal(page.kind, 'page');
    assert.ok(page.status >= 400 && page.status < 500);
    assert.ok((await oidc.refreshTokenGrant(other, bystander.tokens.refresh_token)).access_token);
  });

  it('ends sessions and tokens of a disabled user, who then cannot sign in', async () => {
    const config = await place().commandLineClient();
    const user = await place().newUser();
    const { tokens, agent } = await signIn(place(), config, { user });
    await place().installation.cli('user', 'disable', ...inTenant(), user.email);
    await soon(() => assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), refusedWith('invalid_grant')));
    await soon(async () => assert.deepEqual(await oidc.tokenIntrospection(config, tokens.access_token), { active: false }));
    await soon(async () => {
      const silent = await agent.goto((await authorizationRequest(config, { prompt: 'none' })).url);
      assert.equal(silent.params.get('error'), 'login_required');
    });
    const fresh = place().agent();
    const page = await interact(fresh, await fresh.goto((await authorizationRequest(config)).url), { user });
    assert.equal(page.kind, 'page');
  });

  it('accepts the old secret for a while after a rotation, and the new one at once', async () => {
    const config = await place().commandLineClient();
    const { tokens } = await signIn(place(), config);
    const { client_id: id } = config.clientMetadata();
    const rotated = await command('client', 'rotate-secret', ...inTenant(), id);
    const renewed = new oidc.Configuration(config.serverMetadata(), id, rotated.client_secret, oidc.ClientSecretBasic());
    oidc.allowInsecureRequests(renewed);
    const second = await soon(() => oidc.refreshTokenGrant(renewed, tokens.refresh_token));
    assert.ok((await oidc.refreshTokenGrant(config, second.refresh_token)).access_token);
  });

  it('answers browsers of registered origins at the token endpoint, and no others', async () => {
    const config = await place().commandLineClient(undefined, { type: 'public' });
    const { token_endpoint: url } = config.serverMetadata();
    const preflight = (origin) => fetch(url, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    const allowed = await preflight(new URL(CALLBACK).origin);
    assert.equal(allowed.headers.get('access-control-allow-origin'), new URL(CALLBACK).origin);
    assert.equal((await preflight('https://evil.example')).headers.get('access-control-allow-origin'), null);
    const authorize = await fetch(config.serverMetadata().authorization_endpoint, { headers: { origin: new URL(CALLBACK).origin } });
    assert.equal(authorize.headers.get('access-control-allow-origin'), null);
  });
});
