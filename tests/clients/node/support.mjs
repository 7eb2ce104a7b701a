// What every test file here shares: a server per database, two tenants in it, and clients made to measure.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe } from 'node:test';
import * as oidc from 'openid-client';
import { Agent, interact } from '../../harness/agent.mjs';
import { databases, newInstallation } from '../../harness/databases.mjs';
import { TENANTS, addClient, addUser, openRegistration, prepareTenants } from '../../harness/provision.mjs';

export const CALLBACK = 'https://app.example.test/callback';
export const SIGNED_OUT = 'https://app.example.test/signed-out';
export const SCOPE = 'openid profile email offline_access';

/** openid-client refuses plain http unless told that this is a test. */
export const insecure = { execute: [oidc.allowInsecureRequests] };

/** One tenant of a running installation, seen from outside. */
class Place {
  constructor(installation, tenant, user) {
    this.installation = installation;
    this.tenant = tenant;
    this.user = user;
  }

  get issuer() { return this.installation.issuer(this.tenant); }

  agent() { return new Agent({ callbacks: [CALLBACK, SIGNED_OUT] }); }

  newUser() { return addUser(this.installation, this.tenant, `${randomUUID()}@example.test`); }

  /** A client made with the command line, configured by discovery. */
  async commandLineClient(auth = oidc.ClientSecretBasic, options = {}) {
    const made = await addClient(this.installation, this.tenant, { redirectUri: CALLBACK, postLogoutRedirectUri: SIGNED_OUT, ...options });
    return oidc.discovery(new URL(this.issuer), made.client_id, made.client_secret, made.client_secret ? auth() : oidc.None(), insecure);
  }

  /** A client made by dynamic registration (RFC 7591), which can carry any metadata. */
  async registeredClient(metadata = {}, auth = oidc.ClientSecretBasic()) {
    const config = await oidc.dynamicClientRegistration(new URL(this.issuer), {
      client_name: 'Registered',
      redirect_uris: [CALLBACK],
      post_logout_redirect_uris: [SIGNED_OUT],
      grant_types: ['authorization_code', 'refresh_token'],
      scope: SCOPE,
      ...metadata,
    }, auth, insecure);
    oidc.enableNonRepudiationChecks(config);
    return config;
  }
}

/** Runs `body(place)` once for every database and tenant; `place()` is valid inside tests. `env` configures the server. */
export function eachTenant(label, body, { env = {} } = {}) {
  for (const database of databases) {
    describe(`${label} on ${database}`, () => {
      let installation;
      const users = new Map();
      before(async () => {
        installation = await newInstallation(database, { label: `node-${label}-${database}`, env });
        await prepareTenants(installation);
        for (const tenant of TENANTS) {
          users.set(tenant, await addUser(installation, tenant, 'ada@example.test'));
          await openRegistration(installation, tenant);
        }
        await installation.start();
      });
      after(() => installation?.destroy());
      for (const tenant of TENANTS) {
        describe(`tenant ${tenant}`, () => body(() => new Place(installation, tenant, users.get(tenant))));
      }
    });
  }
}

/** An authorization request with everything a careful client sends, and the checks that go with it. */
export async function authorizationRequest(config, extra = {}) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const expectedNonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(config, withoutUndefined({
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...extra,
  }));
  return { url, checks: { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true } };
}

function withoutUndefined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** Signs in and consents as far as asked; ends at the client with a code. */
export async function authorize(place, config, { agent = place.agent(), user = place.user, ...extra } = {}) {
  const request = await authorizationRequest(config, extra);
  const arrival = await interact(agent, await agent.goto(request.url), { user });
  assert.equal(arrival.kind, 'callback', `expected to be back at the client, got ${arrival}`);
  return { ...request, agent, arrival, callbackUrl: arrival.url };
}

/** The whole flow, ending with tokens. */
export async function signIn(place, config, options = {}) {
  const flow = await authorize(place, config, options);
  const tokens = await oidc.authorizationCodeGrant(config, flow.callbackUrl, flow.checks);
  return { ...flow, tokens, claims: tokens.claims() };
}

/** POSTs a form to an endpoint of the issuer as it is, for what a well-behaved library would not send. */
export async function postForm(url, fields, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: fields instanceof URLSearchParams ? fields : new URLSearchParams(withoutUndefined(fields)),
  });
  const text = await response.text();
  let body = text;
  try { body = JSON.parse(text); } catch { /* not JSON: the caller asserts on the text */ }
  return { status: response.status, headers: response.headers, body };
}

/** RFC 6749 2.3.1: both halves are form-encoded before they are joined. */
export function basic(id, secret) {
  const encode = (part) => new URLSearchParams({ '': part }).toString().slice(1);
  return { authorization: `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}` };
}

/** An OAuth error answer: status, code, JSON, never cached (RFC 6749 5.2). */
export function assertOAuthError(answer, status, error) {
  assert.equal(answer.body?.error, error, `${answer.status} ${JSON.stringify(answer.body)}`);
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  assert.match(answer.headers.get('content-type'), /^application\/json/);
  assert.match(answer.headers.get('cache-control') ?? '', /no-store/);
}

/** Asserts that a promise of the library fails with this OAuth error code. */
export function refusedWith(error) {
  return (thrown) => {
    assert.equal(thrown.error ?? thrown.cause?.error, error, `${thrown.name}: ${thrown.message} ${JSON.stringify(thrown.cause)}`);
    return true;
  };
}
