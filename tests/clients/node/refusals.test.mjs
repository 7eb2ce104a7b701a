// What must be refused, seen from outside: authorization errors, spent and stolen codes, stolen refresh tokens, dead tokens.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as oidc from 'openid-client';
import { interact } from '../../harness/agent.mjs';
import { CALLBACK, SCOPE, assertOAuthError, authorizationRequest, authorize, eachTenant, postForm, refusedWith, signIn } from './support.mjs';

/** Changes, drops (null) or doubles (array) parameters of an authorization request. */
async function tampered(config, changes) {
  const { url } = await authorizationRequest(config);
  for (const [name, value] of Object.entries(changes)) {
    url.searchParams.delete(name);
    if (value !== null) for (const each of [value].flat()) url.searchParams.append(name, each);
  }
  return url;
}

function credentials(config) {
  const { client_id, client_secret } = config.clientMetadata();
  return { client_id, client_secret };
}

eachTenant('refusals', (place) => {
  it('shows an error page, never a redirect, while the client or its address is not proven', async () => {
    const config = await place().commandLineClient();
    const cases = {
      'another host': { redirect_uri: 'https://evil.example/callback' },
      'a longer path': { redirect_uri: `${CALLBACK}/more` },
      'an added query': { redirect_uri: `${CALLBACK}?next=evil` },
      'a fragment': { redirect_uri: `${CALLBACK}#x` },
      'userinfo': { redirect_uri: 'https://app.example.test@evil.example/callback' },
      'upper case': { redirect_uri: 'https://APP.example.test/callback' },
      'encoded path': { redirect_uri: 'https://app.example.test/%63allback' },
      'dot segments': { redirect_uri: 'https://app.example.test/x/../callback' },
      'a port': { redirect_uri: 'https://app.example.test:444/callback' },
      'http': { redirect_uri: 'http://app.example.test/callback' },
      'two of them': { redirect_uri: [CALLBACK, CALLBACK] },
      'an unknown client': { client_id: 'cli_00000000000000000000000000' },
      'no client': { client_id: null },
      'two clients': { client_id: [config.clientMetadata().client_id, 'x'] },
    };
    for (const [what, changes] of Object.entries(cases)) {
      const response = await fetch(await tampered(config, changes), { redirect: 'manual' });
      assert.ok(response.status >= 400 && response.status < 500, `${what}: ${response.status} ${response.headers.get('location')}`);
      assert.equal(response.headers.get('location'), null, what);
      assert.match(response.headers.get('content-type'), /^text\/html/, what);
      assert.equal(response.headers.get('access-control-allow-origin'), null, what);
    }
  });

  it('sends every other error to the client, with state and iss', async () => {
    const config = await place().commandLineClient();
    const cases = [
      // The only registered address is proven; OpenID requests must name it all the same (OpenID Connect Core 3.1.2.1).
      [{ redirect_uri: null }, 'invalid_request'],
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ response_type: 'code id_token' }, 'unsupported_response_type'],
      [{ response_type: null }, 'invalid_request'],
      [{ scope: 'openid no-such-scope' }, 'invalid_scope'],
      [{ code_challenge: null, code_challenge_method: null }, 'invalid_request'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
      [{ code_challenge: 'short' }, 'invalid_request'],
      [{ prompt: 'none login' }, 'invalid_request'],
      [{ prompt: 'none' }, 'login_required'],
      [{ max_age: '-1' }, 'invalid_request'],
      [{ nonce: ['a', 'b'] }, 'invalid_request'],
      [{ request: 'eyJhbGciOiJub25lIn0.e30.' }, 'request_not_supported'],
      [{ request_uri: 'https://evil.example/request' }, 'request_uri_not_supported'],
      [{ registration: '{}' }, 'registration_not_supported'],
      [{ claims: 'not json' }, 'invalid_request'],
      [{ resource: 'https://no-such-api.example' }, 'invalid_target'],
    ];
    for (const [changes, error] of cases) {
      const url = await tampered(config, changes);
      const arrival = await place().agent().goto(url);
      const what = `${JSON.stringify(changes)}: ${arrival.kind === 'callback' ? arrival.params : arrival}`;
      assert.equal(arrival.kind, 'callback', what);
      assert.equal(arrival.params.get('error'), error, what);
      assert.equal(arrival.params.get('state'), url.searchParams.get('state'), what);
      assert.equal(arrival.params.get('iss'), place().issuer, what);
      assert.equal(arrival.params.get('code'), null, what);
    }
  });

  it('tells the client when the user says no, and gives no code', async () => {
    const config = await place().registeredClient();
    const { url, checks } = await authorizationRequest(config);
    const agent = place().agent();
    const arrival = await interact(agent, await agent.goto(url), { user: place().user, consent: 'deny' });
    assert.equal(arrival.kind, 'callback', String(arrival));
    await assert.rejects(oidc.authorizationCodeGrant(config, arrival.url, checks), refusedWith('access_denied'));
  });

  it('answers a wrong password and an unknown user alike', async () => {
    const config = await place().commandLineClient();
    const pages = [];
    for (const user of [{ ...place().user, password: 'not the password at all' }, { email: 'nobody@example.test', password: 'not the password at all' }]) {
      const agent = place().agent();
      const page = await interact(agent, await agent.goto((await authorizationRequest(config)).url), { user });
      assert.equal(page.kind, 'page');
      assert.deepEqual(page.seen, ['sign-in']);
      assert.ok(page.dom.querySelector('[role=alert]'), 'the page says what is wrong');
      pages.push({ status: page.status, alert: page.dom.querySelector('[role=alert]').text.trim() });
    }
    assert.deepEqual(pages[0], pages[1]);
  });

  it('refuses a code with the wrong verifier, redirect URI or client', async () => {
    const config = await place().commandLineClient();
    const other = await place().commandLineClient();
    const { token_endpoint: url } = config.serverMetadata();
    const attempts = {
      'no verifier': { code_verifier: undefined },
      'another verifier': { code_verifier: oidc.randomPKCECodeVerifier() },
      'a short verifier': { code_verifier: 'abc' },
      'another redirect URI': { redirect_uri: 'https://app.example.test/other' },
      'no redirect URI': { redirect_uri: undefined },
      'another client': credentials(other),
    };
    for (const [what, change] of Object.entries(attempts)) {
      const { arrival, checks } = await authorize(place(), config);
      const answer = await postForm(url, {
        grant_type: 'authorization_code', code: arrival.params.get('code'), redirect_uri: CALLBACK,
        code_verifier: checks.pkceCodeVerifier, ...credentials(config), ...change,
      });
      assert.equal(answer.status, 400, `${what}: ${JSON.stringify(answer.body)}`);
      assert.match(answer.body.error, /^invalid_(grant|request)$/, what);
    }
  });

  it('revokes what a code gave when the code comes a second time', async () => {
    const config = await place().commandLineClient();
    const { tokens, arrival, checks, claims } = await signIn(place(), config);
    await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    const replay = () => oidc.authorizationCodeGrant(config, arrival.url, checks);
    await assert.rejects(replay(), refusedWith('invalid_grant'));
    await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), refusedWith('invalid_grant'));
    assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, false);
    const info = await fetch(config.serverMetadata().userinfo_endpoint, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    assert.equal(info.status, 401);
    assert.match(info.headers.get('www-authenticate'), /error="invalid_token"/);
  });

  it('redeems a code once when twenty requests race for it', async () => {
    const config = await place().commandLineClient();
    const { arrival, checks } = await authorize(place(), config);
    const answers = await Promise.all(Array.from({ length: 20 }, () => postForm(config.serverMetadata().token_endpoint, {
      grant_type: 'authorization_code', code: arrival.params.get('code'), redirect_uri: CALLBACK,
      code_verifier: checks.pkceCodeVerifier, ...credentials(config),
    })));
    assert.ok(answers.filter(({ status }) => status === 200).length <= 1);
    for (const answer of answers.filter(({ status }) => status !== 200)) assertOAuthError(answer, 400, 'invalid_grant');
  });

  it('refuses a refresh token of another client, wider scopes, and one that was never issued', async () => {
    const config = await place().commandLineClient();
    const other = await place().commandLineClient();
    const { tokens } = await signIn(place(), config, { scope: 'openid email offline_access' });
    await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token, { scope: SCOPE }), refusedWith('invalid_scope'));
    await assert.rejects(oidc.refreshTokenGrant(config, `${tokens.refresh_token}x`), refusedWith('invalid_grant'));
    await assert.rejects(oidc.refreshTokenGrant(config, tokens.access_token), refusedWith('invalid_grant'));
    await assert.rejects(oidc.refreshTokenGrant(other, tokens.refresh_token), refusedWith('invalid_grant'));
  });

  it('revokes the whole family when a refresh token older than the last comes back', async () => {
    const config = await place().commandLineClient();
    const { tokens } = await signIn(place(), config);
    const second = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    const third = await oidc.refreshTokenGrant(config, second.refresh_token);
    await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), refusedWith('invalid_grant'));
    await assert.rejects(oidc.refreshTokenGrant(config, third.refresh_token), refusedWith('invalid_grant'));
  });

  it('forgets revoked tokens at once, and says nothing about foreign ones', async () => {
    const config = await place().commandLineClient();
    const other = await place().commandLineClient();
    const { tokens } = await signIn(place(), config);
    await oidc.tokenRevocation(other, tokens.refresh_token).catch((thrown) => assert.match(thrown.error, /invalid_grant|unauthorized_client|invalid_request/));
    assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, true, 'a stranger cannot revoke');
    await oidc.tokenRevocation(config, tokens.access_token, { token_type_hint: 'access_token' });
    assert.deepEqual(await oidc.tokenIntrospection(config, tokens.access_token), { active: false });
    await oidc.tokenRevocation(config, 'never issued');
    assert.deepEqual(await oidc.tokenIntrospection(config, 'never issued'), { active: false });
    assert.deepEqual(await oidc.tokenIntrospection(config, tokens.id_token), { active: false }, 'an ID token is not an access token');
    const { introspection_endpoint: url } = config.serverMetadata();
    assertOAuthError(await postForm(url, { token: tokens.refresh_token }), 401, 'invalid_client');
  });

  it('answers malformed token requests in the shape of RFC 6749 5.2', async () => {
    const config = await place().commandLineClient();
    const { token_endpoint: url } = config.serverMetadata();
    const who = credentials(config);
    assertOAuthError(await postForm(url, who), 400, 'invalid_request');
    assertOAuthError(await postForm(url, { ...who, grant_type: 'password', username: 'a', password: 'b' }), 400, 'unsupported_grant_type');
    assertOAuthError(await postForm(url, { ...who, grant_type: 'authorization_code' }), 400, 'invalid_request');
    assertOAuthError(await postForm(url, { ...who, grant_type: 'refresh_token' }), 400, 'invalid_request');
    const doubled = new URLSearchParams({ ...who, grant_type: 'refresh_token' });
    doubled.append('refresh_token', 'a');
    doubled.append('refresh_token', 'b');
    assertOAuthError(await postForm(url, doubled), 400, 'invalid_request');
    assertOAuthError(await postForm(url, '{"grant_type":"client_credentials"}', { 'content-type': 'application/json' }), 400, 'invalid_request');
    const huge = await postForm(url, { ...who, grant_type: 'refresh_token', refresh_token: 'x'.repeat(200 << 10) });
    assert.ok([400, 413].includes(huge.status), String(huge.status));
    assert.equal((await fetch(url)).status, 405);
  });

  it('keeps tokens and codes out of the wrong places', async () => {
    const config = await place().commandLineClient();
    const { tokens } = await signIn(place(), config);
    const { userinfo_endpoint: url } = config.serverMetadata();
    const inQuery = await fetch(`${url}?access_token=${tokens.access_token}`);
    assert.equal(inQuery.status, 401, 'a token in the query string is no credential');
    const idToken = await fetch(url, { headers: { authorization: `Bearer ${tokens.id_token}` } });
    assert.equal(idToken.status, 401);
    const refresh = await fetch(url, { headers: { authorization: `Bearer ${tokens.refresh_token}` } });
    assert.equal(refresh.status, 401);
  });
});
