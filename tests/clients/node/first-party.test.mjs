// Signing in without a browser (draft-ietf-oauth-first-party-apps-04), with a stock client for everything but the first step.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as oidc from 'openid-client';
import { SCOPE, assertOAuthError, basic, eachTenant, postForm, refusedWith } from './support.mjs';

const FIRST_PARTY = { redirectUri: 'com.example.app:/callback', postLogoutRedirectUri: undefined, extra: ['--application-type', 'native', '--first-party', 'true'] };

/** What openid-client has no function for: the endpoint, as its metadata names it. */
async function challenge(config, fields, headers) {
  const { authorization_challenge_endpoint: url } = config.serverMetadata();
  return postForm(url, { client_id: headers ? undefined : config.clientMetadata().client_id, ...fields }, headers);
}

async function firstRequest(more = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const nonce = oidc.randomNonce();
  const fields = {
    response_type: 'code', scope: SCOPE, nonce, code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...more,
  };
  return { verifier, nonce, fields };
}

const tokensFor = (config, code, verifier) => oidc.genericGrantRequest(config, 'authorization_code', { code, code_verifier: verifier });

eachTenant('first-party', (place) => {
  const credentials = () => ({ username: place().user.email, password: place().user.password });

  it('signs in with one request and gets tokens that work', async () => {
    const config = await place().commandLineClient(undefined, { type: 'public', ...FIRST_PARTY });
    const { verifier, nonce, fields } = await firstRequest(credentials());
    const answer = await challenge(config, fields);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.match(answer.headers.get('cache-control'), /no-store/);
    assert.equal(answer.headers.get('set-cookie'), null);
    assert.equal(answer.body.iss, place().issuer);
    const tokens = await tokensFor(config, answer.body.authorization_code, verifier);
    const claims = tokens.claims();
    assert.equal(claims.nonce, nonce);
    assert.deepEqual(claims.amr, ['pwd']);
    const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    assert.equal(info.email, place().user.email);
    const again = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(again.refresh_token, tokens.refresh_token);
    await assert.rejects(tokensFor(config, answer.body.authorization_code, verifier), refusedWith('invalid_grant'));
  });

  it('asks step by step, and takes each auth_session once', async () => {
    const config = await place().commandLineClient(undefined, { type: 'public', ...FIRST_PARTY });
    const { verifier, fields } = await firstRequest();
    const asked = await challenge(config, fields);
    assertOAuthError(asked, 400, 'insufficient_authorization');
    assert.equal(asked.body.stage, 'first_factor');
    assert.ok(asked.body.methods.some(({ method }) => method === 'password'));
    const wrong = await challenge(config, { auth_session: asked.body.auth_session, ...credentials(), password: 'not the password' });
    assertOAuthError(wrong, 400, 'insufficient_authorization');
    assert.equal(wrong.body.reason, 'credentials_wrong');
    assertOAuthError(await challenge(config, { auth_session: asked.body.auth_session, ...credentials() }), 400, 'invalid_session');
    const right = await challenge(config, { auth_session: wrong.body.auth_session, ...credentials() });
    assert.equal(right.status, 200, JSON.stringify(right.body));
    const tokens = await tokensFor(config, right.body.authorization_code, verifier);
    assert.ok(tokens.access_token);
  });

  it('authenticates confidential clients, and sends everybody else to the browser', async () => {
    const config = await place().commandLineClient(oidc.ClientSecretBasic, FIRST_PARTY);
    const { client_id: id, client_secret: secret } = config.clientMetadata();
    const { verifier, fields } = await firstRequest(credentials());
    assertOAuthError(await challenge(config, fields), 401, 'invalid_client');
    const answer = await challenge(config, fields, basic(id, secret));
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.ok((await tokensFor(config, answer.body.authorization_code, verifier)).id_token);
    const stranger = await place().commandLineClient(undefined, { type: 'public' });
    assertOAuthError(await challenge(stranger, fields), 400, 'redirect_to_web');
  });
});
