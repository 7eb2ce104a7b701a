// Passkeys in a real browser with a virtual authenticator: what signs in, and every way in which one must not.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { databases, newInstallation } from '../harness/databases.mjs';
import { TENANTS, addUser, prepareTenants } from '../harness/provision.mjs';
import { Visit, button, fill, launch } from './chromium.mjs';
import { RelyingParty } from './relying-party.mjs';

const MULTI_FACTOR = 'urn:authflow:acr:multi-factor';

/** A device that holds passkeys: verifies its user and answers at once, unless told otherwise. */
class Device {
  static async plugInto(visit) {
    const device = new Device();
    device.devtools = visit.devtools;
    await device.send('enable', { enableUI: false });
    const { authenticatorId } = await device.send('addVirtualAuthenticator', { options: {
      protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    } });
    device.authenticatorId = authenticatorId;
    return device;
  }

  send(method, params = {}) {
    const id = this.authenticatorId ? { authenticatorId: this.authenticatorId } : {};
    return this.devtools.send(`WebAuthn.${method}`, { ...id, ...params });
  }

  async verifies(isUserVerified) {
    await this.send('setUserVerified', { isUserVerified });
  }

  async credentials() {
    return (await this.send('getCredentials')).credentials;
  }

  /** Puts its only credential back with another counter, as a copy of the key would have. */
  async setCounter(signCount) {
    const [credential] = await this.credentials();
    await this.send('removeCredential', { credentialId: credential.credentialId });
    await this.send('addCredential', { credential: { ...credential, signCount } });
  }
}

function eachPlace(body) {
  for (const database of databases) {
    describe(`passkeys on ${database}`, () => {
      const place = { database };
      before(async () => {
        place.installation = await newInstallation(database, { label: `passkeys-${database}` });
        await prepareTenants(place.installation);
        await place.installation.start();
        place.browser = await launch();
      });
      after(async () => {
        await place.browser?.close();
        await place.installation?.destroy();
      });
      for (const tenant of TENANTS) {
        describe(`tenant ${tenant}`, () => {
          const here = { tenant, record: database === 'sqlite' && tenant === 'default' ? 'passkeys' : null };
          before(async () => {
            Object.assign(here, place, { issuer: place.installation.issuer(tenant) });
            here.party = await RelyingParty.start(place.installation, tenant);
          });
          after(() => here.party?.stop());
          body(here);
        });
      }
    });
  }
}

/** Somebody new, whose browser has a device; `run` may look at what else went wrong. */
async function visiting(here, run, { origins = [], expected = () => false } = {}) {
  const user = await addUser(here.installation, here.tenant, `${randomBytes(5).toString('hex')}@example.test`);
  const visit = await Visit.begin(here.browser, { origins: [here.installation.baseUrl, here.party.origin, ...origins], record: here.record });
  const device = await Device.plugInto(visit);
  try {
    await run(visit, visit.page, device, user);
  } catch (error) {
    error.message += `\nat ${visit.page.url()}\n${await visit.page.locator('body').innerText().catch(() => '')}\n${visit.problems.join('\n')}`;
    await visit.context.close();
    throw error;
  }
  visit.problems = visit.problems.filter((problem) => !expected(problem));
  await visit.finish();
}

async function signInByPassword(here, page, user) {
  await page.goto(`${here.issuer}/sign-in`);
  await fill(page, { username: user.email, 'current-password': user.password });
  await button(page, /^sign in$/i).click();
  await page.waitForURL(`${here.issuer}/account`);
}

async function addPasskey(here, page) {
  await page.goto(`${here.issuer}/account/security`);
  await button(page, 'Add a passkey').click();
  await page.getByText('The passkey is added').waitFor();
}

async function signOut(here, page) {
  await page.goto(`${here.issuer}/account`);
  await button(page, /sign out/i).first().click();
  await page.waitForLoadState();
  await page.context().clearCookies({ name: /session/ });
}

/** The device answers suggestions at once, before any button could be pressed: for who presses buttons, there are none. */
function withoutSuggestions(page) {
  return page.addInitScript(() => { globalThis.PublicKeyCredential.isConditionalMediationAvailable = async () => false; });
}

/** A passkey on the device, and nobody signed in. */
async function withPasskey(here, page, user, { suggestions = false } = {}) {
  if (!suggestions) await withoutSuggestions(page);
  await signInByPassword(here, page, user);
  await addPasskey(here, page);
  await signOut(here, page);
}

/** Presses the button of the sign-in page. */
async function pressButton(here, page) {
  await page.goto(`${here.issuer}/sign-in`);
  await button(page, 'Sign in with a passkey').click();
}

async function isRefused(here, page) {
  await page.getByText('That passkey wasn’t accepted').waitFor();
  await page.goto(`${here.issuer}/account`);
  assert.match(page.url(), /\/sign-in/);
}

/** Puts an answer into the form of the sign-in page, and sends it. */
function give(page, answer) {
  return page.evaluate((text) => {
    const form = document.querySelector('form[data-passkey]');
    form.querySelector('[data-passkey-answer]').value = text;
    form.submit();
  }, answer);
}

/** The answers that the page sends from now on. */
function answersOf(page) {
  const answers = [];
  page.on('request', (request) => {
    const answer = request.method() === 'POST' && new URLSearchParams(request.postData() ?? '').get('response');
    if (answer) answers.push(answer);
  });
  return answers;
}

eachPlace((here) => {
  it('is added on the account page, named, used by button, and removed', () => visiting(here, async (visit, page, _device, user) => {
    await withoutSuggestions(page);
    await signInByPassword(here, page, user);
    await visit.inspect('account');
    await page.getByRole('link', { name: /Security/ }).click();
    await visit.inspect('none');
    await addPasskey(here, page);
    await visit.inspect('added');
    await page.locator('summary', { hasText: 'Edit' }).click();
    await visit.inspect('editing');
    await page.getByLabel('Name').fill('Office laptop');
    await button(page, 'Save').click();
    await page.getByText('Office laptop').first().waitFor();
    await button(page, 'Add a passkey').click();
    await page.getByText('This device already has a passkey').waitFor();
    await visit.inspect('known');
    await signOut(here, page);
    await page.goto(`${here.issuer}/sign-in`);
    await button(page, 'Sign in with a passkey').waitFor();
    await visit.inspect('sign-in');
    await pressButton(here, page);
    await page.waitForURL(`${here.issuer}/account`);
    await page.goto(`${here.issuer}/account/security`);
    await page.getByText(/used .* ago|used now|used just now/i).first().waitFor();
    await page.locator('summary', { hasText: 'Edit' }).click();
    await button(page, /^Remove/).click();
    await page.getByText('The passkey is removed').waitFor();
    await visit.inspect('removed');
    await signOut(here, page);
    await pressButton(here, page);
    await isRefused(here, page);
  }));

  it('is suggested in the identifier field, and signs in to the application that asked', () => visiting(here, async (visit, page, device, user) => {
    await withPasskey(here, page, user, { suggestions: true });
    await page.goto(`${here.party.origin}/login`);
    await page.waitForURL(/\/consent|\/callback/);
    if (/\/consent/.test(page.url())) await button(page, /^allow/i).click();
    await page.getByRole('heading', { name: 'Signed in' }).waitFor();
    const claims = here.party.tokens.claims();
    assert.equal(claims.acr, 'phr');
    assert.deepEqual(claims.amr.toSorted(), ['hwk', 'mfa', 'user']);
  }));

  it('is a second factor after the password', () => visiting(here, async (visit, page, device, user) => {
    await withPasskey(here, page, user);
    await page.goto(`${here.party.origin}/login?acr_values=${MULTI_FACTOR}`);
    await fill(page, { username: user.email, 'current-password': user.password });
    await button(page, /^sign in$/i).click();
    await page.waitForURL(/\/sign-in\/second/);
    await button(page, 'Use your passkey').waitFor();
    await visit.inspect('second');
    await button(page, 'Use your passkey').click();
    await page.waitForURL(/\/consent|\/callback/);
    if (/\/consent/.test(page.url())) await button(page, /^allow/i).click();
    await page.getByRole('heading', { name: 'Signed in' }).waitFor();
    assert.deepEqual(here.party.tokens.claims().amr.toSorted(), ['hwk', 'mfa', 'pwd', 'user']);
  }));

  it('is refused when its answer is sent again', () => visiting(here, async (visit, page, device, user) => {
    await withPasskey(here, page, user);
    const answers = answersOf(page);
    await pressButton(here, page);
    await page.waitForURL(`${here.issuer}/account`);
    await signOut(here, page);
    await page.goto(`${here.issuer}/sign-in`);
    await give(page, answers.at(-1));
    await isRefused(here, page);
  }));

  it('is refused when another site relayed the challenge', async () => {
    // Same host, other port: the browser signs for the RP ID, and tells the origin.
    const elsewhere = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><html lang="en"><title>Elsewhere</title><link rel="icon" href="data:,"></html>');
    });
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const origin = `http://localhost:${elsewhere.address().port}`;
    try {
      await visiting(here, async (visit, page, device, user) => {
        await withPasskey(here, page, user);
        await page.goto(`${here.issuer}/sign-in`);
        const url = page.url();
        const options = await page.evaluate(async () => {
          const form = document.querySelector('form[data-passkey]');
          const answer = await fetch(form.dataset.options, { method: 'POST', body: new URLSearchParams(new FormData(form)) });
          return answer.json();
        });
        await page.goto(origin);
        const answer = await page.evaluate(async (given) => {
          const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(given);
          return JSON.stringify((await navigator.credentials.get({ publicKey })).toJSON());
        }, options);
        // Coming back must not make a new challenge: that alone would already refuse the answer.
        await page.route('**/sign-in/passkey/options', (route) => route.abort());
        await page.goto(url);
        await give(page, answer);
        await isRefused(here, page);
      }, { origins: [origin], expected: (problem) => /ERR_FAILED/.test(problem) });
    } finally {
      elsewhere.close();
    }
  });

  it('is refused when its counter is lower than before', () => visiting(here, async (visit, page, device, user) => {
    await withPasskey(here, page, user);
    for (let times = 0; times < 2; times += 1) {
      await pressButton(here, page);
      await page.waitForURL(`${here.issuer}/account`);
      await signOut(here, page);
    }
    await device.setCounter(0);
    await pressButton(here, page);
    await isRefused(here, page);
  }));

  it('is refused without user verification, by the browser and by us', () => visiting(here, async (visit, page, device, user) => {
    await withPasskey(here, page, user);
    await device.verifies(false);
    await pressButton(here, page);
    await page.getByText('No passkey was used').waitFor();
    await visit.inspect('cancelled');
    // A browser that was told that it need not verify.
    await page.route('**/sign-in/passkey/options', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), userVerification: 'discouraged' } });
    });
    await pressButton(here, page);
    await page.getByText('That passkey wasn’t accepted').waitFor();
    await visit.inspect('refused');
  }));

  it('is unknown to another tenant of the same host', () => visiting(here, async (visit, page, device, user) => {
    await withPasskey(here, page, user);
    const other = { ...here, issuer: here.installation.issuer(TENANTS.find((tenant) => tenant !== here.tenant)) };
    await pressButton(other, page);
    await page.getByText('That passkey wasn’t accepted').waitFor();
  }));

  it('is not offered where scripts are off, and the page works as before', async () => {
    const user = await addUser(here.installation, here.tenant, `${randomBytes(5).toString('hex')}@example.test`);
    const visit = await Visit.begin(here.browser, { origins: [here.installation.baseUrl], javaScriptEnabled: false, record: here.record && 'passkeys-no-js' });
    const { page } = visit;
    await page.goto(`${here.issuer}/sign-in`);
    assert.equal(await button(page, 'Sign in with a passkey').count(), 0);
    await signInByPassword(here, page, user);
    await page.goto(`${here.issuer}/account/security`);
    await page.getByText('turn on JavaScript').waitFor();
    await visit.inspect('none');
    await visit.finish();
  });
});
