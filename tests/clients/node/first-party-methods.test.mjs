// Every method, sign-up and recovery through the JSON face of first-party applications, with mail over SMTP, text messages
// over HTTP, an authenticator app and a passkey in software.

import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import * as oidc from 'openid-client';
import { Passkey, totp } from '../../harness/authenticators.mjs';
import { openInbox } from '../../harness/inbox.mjs';
import { PASSWORD } from '../../harness/provision.mjs';
import { assertOAuthError, eachTenant, postForm } from './support.mjs';

const TWO_FACTORS = 'urn:authflow:acr:multi-factor';
const NEW_PASSWORD = 'eleven purple bicycles';

const inbox = await openInbox();
after(() => inbox.close());

/** One sign-in of an application: each step carries the `auth_session` of the answer before. */
class Face {
  static async new(place, more = {}) {
    const config = await place.commandLineClient(undefined, {
      type: 'public', redirectUri: 'com.example.app:/callback', postLogoutRedirectUri: undefined,
      extra: ['--application-type', 'native', '--first-party', 'true'],
    });
    return new Face(config, more);
  }

  constructor(config, more = {}) {
    this.config = config;
    this.verifier = oidc.randomPKCECodeVerifier();
    this.more = more;
  }

  async step(fields) {
    const first = this.session ? { auth_session: this.session } : {
      response_type: 'code', scope: 'openid email offline_access', code_challenge_method: 'S256',
      code_challenge: await oidc.calculatePKCECodeChallenge(this.verifier), ...this.more,
    };
    const { client_id } = this.config.clientMetadata();
    const answer = await postForm(this.config.serverMetadata().authorization_challenge_endpoint, { client_id, ...first, ...fields });
    this.session = answer.body.auth_session;
    return answer;
  }

  /** A step that asks for more. */
  async asked(fields, stage) {
    const answer = await this.step(fields);
    assertOAuthError(answer, 400, 'insufficient_authorization');
    assert.equal(answer.body.stage, stage, JSON.stringify(answer.body));
    return answer.body;
  }

  /** A step that ends with a code; the claims of its ID token. */
  async done(fields) {
    const answer = await this.step(fields);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const grant = { code: answer.body.authorization_code, code_verifier: this.verifier };
    const tokens = await oidc.genericGrantRequest(this.config, 'authorization_code', grant);
    await oidc.fetchUserInfo(this.config, tokens.access_token, tokens.claims().sub);
    return { ...tokens.claims(), recovery_codes: answer.body.recovery_codes };
  }
}

eachTenant('first-party-methods', (place) => {
  const setting = (...settings) => place().installation.json('tenant', 'update', place().tenant, ...settings.flatMap((one) => ['--setting', one]));

  /** A change by the command line is seen within moments. */
  async function until(check) {
    for (let tries = 0; tries < 100; tries += 1) {
      if (await check()) return;
      await new Promise((done) => { setTimeout(done, 50); });
    }
    assert.fail('the setting was not seen');
  }

  before(async () => {
    await setting('methods.magic_link=true', 'methods.sms_code=true');
    await until(async () => {
      const { methods } = await (await Face.new(place())).asked({}, 'first_factor');
      return methods.some(({ method }) => method === 'sms_code');
    });
  });

  it('offers every method that is switched on, with what each takes', async () => {
    const { methods } = await (await Face.new(place())).asked({}, 'first_factor');
    assert.deepEqual(methods, [
      { method: 'password', parameters: ['username', 'password'] },
      { method: 'passkey', parameters: ['assertion'] },
      { method: 'email_code', parameters: ['username', 'code'] },
      { method: 'magic_link', parameters: ['username', 'code'] },
      { method: 'sms_code', parameters: ['username', 'code'] },
    ]);
  });

  it('takes a code by mail', async () => {
    const { email } = await place().newUser();
    const face = await Face.new(place());
    const sent = await face.asked({ method: 'email_code', username: email }, 'first_factor');
    assert.deepEqual(sent.challenge, { method: 'email_code', sent: true });
    const code = await inbox.code(email);
    const wrong = await face.asked({ method: 'email_code', code: code === '000000' ? '000001' : '000000' }, 'first_factor');
    assert.equal(wrong.fields.code, 'code_wrong');
    const claims = await face.done({ method: 'email_code', code });
    assert.deepEqual(claims.amr, ['otp']);
  });

  it('takes the code that a link shows on another device', async () => {
    const { email } = await place().newUser();
    const face = await Face.new(place());
    await face.asked({ method: 'magic_link', username: email }, 'first_factor');
    const [link] = /https?:\/\/\S+token=\S+/.exec(await inbox.next(email));
    const phone = place().agent();
    const page = await phone.goto(link);
    const shown = await phone.submit(page.forms().find((form) => form.action.pathname.endsWith('/sign-in/link')));
    const code = shown.dom.querySelector('.big-code').text.trim();
    const claims = await face.done({ method: 'magic_link', code });
    assert.deepEqual(claims.amr, ['otp']);
    assert.ok(phone.jar.matching(new URL(place().issuer)).every(({ name }) => !name.includes('session')), 'the phone is not signed in');
  });

  it('takes a code by SMS', async () => {
    const number = `+49151${randomInt(1e7, 1e8)}`;
    const file = join(place().installation.dir, `${randomUUID()}.jsonl`);
    await writeFile(file, `${JSON.stringify({ phone_number: number, phone_number_verified: true })}\n`);
    await place().installation.cli('user', 'import', '--tenant', place().tenant, file);
    const face = await Face.new(place());
    await face.asked({ method: 'sms_code', username: number }, 'first_factor');
    const claims = await face.done({ method: 'sms_code', code: await inbox.code(number) });
    assert.deepEqual(claims.amr, ['sms', 'otp']);
  });

  it('sets an authenticator app up where two factors are demanded, then takes its codes and recovery codes', async () => {
    const { email: username } = await place().newUser();
    const credentials = { username, password: PASSWORD };
    const face = await Face.new(place(), { acr_values: TWO_FACTORS });
    const { challenge } = await face.asked(credentials, 'set_up');
    assert.match(challenge.uri, /^otpauth:\/\/totp\//);
    const { recovery_codes: codes, ...claims } = await face.done({ code: totp(challenge.secret) });
    assert.deepEqual([claims.acr, claims.amr, codes.length], [TWO_FACTORS, ['pwd', 'otp', 'mfa'], 10]);
    const again = new Face(face.config);
    const { methods } = await again.asked(credentials, 'second_factor');
    assert.deepEqual(methods.map(({ method }) => method), ['totp', 'recovery_code']);
    // The step of a moment ago is used up; apps and servers may differ by one.
    assert.equal((await again.done({ method: 'totp', code: totp(challenge.secret, 1) })).acr, TWO_FACTORS);
    const last = new Face(face.config);
    await last.asked(credentials, 'second_factor');
    assert.equal((await last.done({ method: 'recovery_code', code: codes[0] })).acr, TWO_FACTORS);
    const used = new Face(face.config);
    await used.asked(credentials, 'second_factor');
    assert.equal((await used.asked({ method: 'recovery_code', code: codes[0] }, 'second_factor')).fields.code, 'code_wrong');
  });

  it('takes a passkey, first or second', async () => {
    const user = await place().newUser();
    const device = new Passkey(place().installation.baseUrl);
    const agent = place().agent();
    const form = (await agent.goto(`${place().issuer}/sign-in`)).formWith('identifier', 'password');
    await agent.submit(form.fill({ identifier: user.email, password: user.password }));
    const page = await agent.goto(`${place().issuer}/account/security`);
    const adding = page.forms().find((one) => one.action.pathname.endsWith('/account/passkeys'));
    const post = { method: 'POST', body: adding.values.toString(), headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'null', 'sec-fetch-site': 'same-origin' } };
    const options = await (await agent.exchange(new URL(`${place().issuer}/account/passkeys/options`), post)).json();
    adding.values.set('response', JSON.stringify(device.create(options)));
    await agent.submit(adding);

    const face = await Face.new(place());
    const { challenge } = await face.asked({ method: 'passkey' }, 'first_factor');
    const assertion = JSON.stringify(device.get(challenge.options));
    const claims = await face.done({ method: 'passkey', assertion });
    assert.equal(claims.acr, 'phr');
    const replay = new Face(face.config);
    await replay.asked({ method: 'passkey' }, 'first_factor');
    assert.equal((await replay.asked({ assertion }, 'first_factor')).reason, 'passkey_wrong');
    const second = new Face(face.config, { acr_values: 'phr' });
    await second.asked({ username: user.email, password: user.password }, 'second_factor');
    const asked = await second.asked({ method: 'passkey' }, 'second_factor');
    const strong = await second.done({ assertion: JSON.stringify(device.get(asked.challenge.options)) });
    assert.deepEqual([strong.sub, strong.acr, strong.amr[0]], [claims.sub, 'phr', 'pwd']);
  });

  it('names other providers and sends their users to the browser', async () => {
    await place().installation.json('connection', 'create', '--tenant', place().tenant, '--preset', 'oidc', '--slug', 'corp', '--name', 'Corp',
      '--issuer', place().installation.issuer('default'), '--client-id', 'x', '--client-secret', 'y', '--domain', 'corp.example');
    await until(async () => (await (await Face.new(place())).asked({}, 'first_factor')).connections?.some(({ connection }) => connection === 'corp'));
    for (const fields of [{ method: 'connection:corp' }, { username: 'eve@corp.example', password: 'x' }, { action: 'recover', username: 'eve@corp.example' }]) {
      const answer = await (await Face.new(place())).step(fields);
      assertOAuthError(answer, 400, 'redirect_to_web');
      assert.equal(answer.body.authorization_parameters.connection, 'corp');
    }
  });

  it('signs up at once, or after a code where addresses are proven first', async () => {
    const wants = (email) => ({ action: 'sign_up', name: 'Grace Hopper', email, password: NEW_PASSWORD });
    const [first, second] = [1, 2].map((n) => `${randomUUID()}-${n}@example.test`);
    const face = await Face.new(place());
    await face.asked({ action: 'sign_up' }, 'sign_up');
    assert.equal((await face.asked({ ...wants(first), password: 'short' }, 'sign_up')).fields.password, 'password_too_short');
    assert.deepEqual((await face.done(wants(first))).amr, ['pwd']);
    await setting('sign_up_requires_verification=true');
    let proven;
    await until(async () => {
      proven = new Face(face.config);
      return (await proven.step(wants(`${randomUUID()}@example.test`))).body.stage === 'verification';
    });
    await proven.asked(wants(second), 'verification');
    const claims = await proven.done({ action: 'sign_up', code: await inbox.code(second) });
    assert.deepEqual([claims.email, claims.email_verified], [second, true]);
    // An address that has an account looks the same to a stranger.
    const stranger = new Face(face.config);
    await stranger.asked(wants(second), 'verification');
    inbox.forget(second);
  });

  it('replaces a forgotten password by a code', async () => {
    const { email } = await place().newUser();
    const face = await Face.new(place());
    await face.asked({ action: 'recover' }, 'recovery');
    await face.asked({ action: 'recover', username: email }, 'recovery');
    const code = await inbox.code(email);
    await face.asked({ action: 'recover', code }, 'new_password');
    assert.equal((await face.asked({ action: 'recover', new_password: 'short' }, 'new_password')).fields.new_password, 'password_too_short');
    await face.done({ action: 'recover', new_password: NEW_PASSWORD });
    const old = await new Face(face.config).asked({ username: email, password: PASSWORD }, 'first_factor');
    assert.equal(old.reason, 'credentials_wrong');
    await new Face(face.config).done({ username: email, password: NEW_PASSWORD });
    assert.match(await inbox.next(email), /was changed/);
    const unknown = new Face(face.config);
    const said = await unknown.asked({ action: 'recover', username: 'nobody@example.test' }, 'recovery');
    assert.deepEqual(said.challenge, { method: 'email_code', sent: true });
  });

  it('takes an auth_session once, from its own client, at its own tenant', async () => {
    const { email: username } = await place().newUser();
    const face = await Face.new(place());
    await face.asked({}, 'first_factor');
    const used = face.session;
    await face.asked({}, 'first_factor');
    const elsewhere = await Face.new(place());
    for (const [who, session] of [[new Face(face.config), used], [elsewhere, face.session]]) {
      who.session = session;
      assertOAuthError(await who.step({ username, password: PASSWORD }), 400, 'invalid_session');
    }
    await face.done({ username, password: PASSWORD });
  });
}, { env: inbox.env });
