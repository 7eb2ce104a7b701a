// The hosted pages in a real browser: sign-up, sign-in, consent, account, sign-out; with and without JavaScript.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { databases, newInstallation } from '../harness/databases.mjs';
import { PASSWORD, TENANTS, addUser, prepareTenants } from '../harness/provision.mjs';
import { Visit, button, fill, launch } from './chromium.mjs';
import { RelyingParty } from './relying-party.mjs';

const newEmail = () => `${randomBytes(5).toString('hex')}@example.test`;

/** Runs the bodies for every database and tenant; screenshots are kept from the default tenant on SQLite. */
function eachPlace(body) {
  for (const database of databases) {
    describe(`hosted pages on ${database}`, () => {
      const place = { database };
      before(async () => {
        place.installation = await newInstallation(database, { label: `browser-${database}` });
        await prepareTenants(place.installation);
        await place.installation.start();
        place.browser = await launch();
      });
      after(async () => {
        await place.browser?.close();
        await place.installation?.destroy();
      });
      for (const tenant of TENANTS) {
        for (const javaScriptEnabled of [true, false]) {
          describe(`tenant ${tenant}, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => {
            const record = database === 'sqlite' && tenant === 'default' ? (javaScriptEnabled ? 'pages' : 'pages-no-js') : null;
            const here = { ...{ tenant, javaScriptEnabled, record } };
            before(async () => {
              Object.assign(here, place, { issuer: place.installation.issuer(tenant) });
              here.party = await RelyingParty.start(place.installation, tenant);
              here.user = await addUser(place.installation, tenant, newEmail());
            });
            after(() => here.party?.stop());
            body(here);
          });
        }
      }
    });
  }
}

async function visiting(here, run, options = {}) {
  const visit = await Visit.begin(here.browser, {
    origins: [here.installation.baseUrl, here.party.origin], javaScriptEnabled: here.javaScriptEnabled, record: here.record, ...options,
  });
  try {
    await run(visit, visit.page);
  } catch (error) {
    error.message += `\nat ${visit.page.url()}\n${await visit.page.locator('body').innerText().catch(() => '')}\n${visit.problems.join('\n')}`;
    await visit.context.close();
    throw error;
  }
  await visit.finish();
}

async function signIn(page, user) {
  await fill(page, { username: user.email, 'current-password': user.password });
  await button(page, /^sign in$/i).click();
}

/** Signs in through the application, allowing what it asks for. */
async function signInThrough(here, page, user = here.user) {
  await page.goto(`${here.party.origin}/login`);
  await signIn(page, user);
  await allow(page);
}

async function allow(page) {
  await page.waitForURL(/\/consent|\/callback/);
  if (/\/consent/.test(page.url())) await button(page, /^allow/i).click();
  await page.getByRole('heading', { name: 'Signed in' }).waitFor();
}

eachPlace((here) => {
  it('signs a new user up, asks for consent, and returns to the application', () => visiting(here, async (visit, page) => {
    await page.goto(`${here.party.origin}/login?prompt=create`);
    await visit.inspect('sign-up');
    await fill(page, { name: 'Grace Hopper', email: newEmail(), 'new-password': 'short' });
    await button(page, /create|sign up/i).click();
    await page.getByRole('alert').first().waitFor();
    await visit.inspect('sign-up-refused');
    await fill(page, { 'new-password': PASSWORD });
    await button(page, /create|sign up/i).click();
    await page.waitForURL(/\/consent/);
    await visit.inspect('consent');
    await button(page, /^allow/i).click();
    await page.getByRole('heading', { name: 'Signed in' }).waitFor();
    assert.equal(here.party.tokens.claims().iss, here.issuer);
  }));

  it('signs a known user in, remembers consent, and signs out by the hint', () => visiting(here, async (visit, page) => {
    await page.goto(`${here.party.origin}/login`);
    await visit.inspect('sign-in');
    await signIn(page, { ...here.user, password: 'not the password at all' });
    await page.getByRole('alert').first().waitFor();
    await visit.inspect('sign-in-refused');
    await signIn(page, here.user);
    await allow(page);
    const first = await page.locator('#subject').innerText();
    await page.goto(`${here.party.origin}/login`);
    assert.equal(await page.locator('#subject').innerText(), first, 'the second time nothing is asked');
    await page.goto(`${here.party.origin}/logout`);
    await page.getByRole('heading', { name: 'Signed out' }).waitFor();
    await page.goto(`${here.party.origin}/login`);
    await page.locator('input[autocomplete~="current-password"]').waitFor();
  }));

  it('asks before signing out without a hint, and Back shows nothing private', () => visiting(here, async (visit, page) => {
    await signInThrough(here, page);
    await page.goto(`${here.issuer}/account`);
    await page.goto(`${here.issuer}/oauth2/logout`);
    await visit.inspect('sign-out');
    await button(page, /sign out/i).first().click();
    await page.waitForLoadState();
    await visit.inspect('signed-out');
    await page.goto(`${here.issuer}/account`);
    await page.locator('input[autocomplete~="current-password"]').waitFor();
    // A page that must not be kept is gone: going back to it may end in the browser's own error page.
    await page.goBack().catch(() => {});
    await page.goBack().catch(() => {});
    assert.ok(!(await page.locator('body').innerText()).includes(here.user.email), 'Back after sign-out shows no account page');
  }));

  it('lets the user refuse', () => visiting(here, async (visit, page) => {
    await page.goto(`${here.party.origin}/login?prompt=consent`);
    await signIn(page, here.user);
    await page.waitForURL(/\/consent/);
    await button(page, /don.t allow/i).click();
    await page.waitForURL(/\/callback/);
    assert.match(await page.locator('#error').innerText(), /^access_denied/);
  }));

  it('answers by form_post', () => visiting(here, async (visit, page) => {
    await page.goto(`${here.party.origin}/login?response_mode=form_post`);
    await signIn(page, here.user);
    await page.waitForURL(/\/consent|\/callback|\/oauth2|\/sign-in/);
    if (/\/consent/.test(page.url())) await button(page, /^allow/i).click();
    if (!here.javaScriptEnabled) {
      await button(page, /continue/i).waitFor();
      await visit.inspect('form-post');
      await button(page, /continue/i).click();
    }
    await page.getByRole('heading', { name: 'Signed in' }).waitFor();
  }));

  it('asks a signed-in user for the password again, and lets another account be chosen', () => visiting(here, async (visit, page) => {
    await signInThrough(here, page);
    await page.goto(`${here.party.origin}/login?prompt=login`);
    await visit.inspect('sign-in-again');
    await page.locator('input[autocomplete~="current-password"]').fill(here.user.password);
    await button(page, /^(sign in|continue)$/i).click();
    await allow(page);
    await page.goto(`${here.party.origin}/login?prompt=select_account`);
    await visit.inspect('select-account');
    await page.getByRole('button', { name: here.user.email }).click();
    await allow(page);
  }));

  it('shows account, sessions and applications, and ends another session', () => visiting(here, async (visit, page) => {
    await signInThrough(here, page);
    await visiting(here, async (other, otherPage) => {
      await signInThrough(here, otherPage);
      await otherPage.goto(`${here.issuer}/account`);
      for (const name of ['', '/security', '/applications', '/activity', '/devices']) {
        await page.goto(`${here.issuer}/account${name}`);
        await visit.inspect(`account${name.replace('/', '-')}`);
      }
      await button(page, /everywhere else/i).click();
      await page.waitForLoadState();
      await visit.inspect('account-after-revocation');
      await otherPage.goto(`${here.issuer}/account`);
      await otherPage.locator('input[autocomplete~="current-password"]').waitFor();
    });
    await page.goto(`${here.issuer}/account`);
    await fill(page, { name: 'Ada, Countess of Lovelace' });
    await button(page, /save/i).click();
    await page.getByRole('status').first().waitFor();
    assert.match(await page.locator('.account-name').innerText(), /Countess/);
    await button(page, /^sign out$/i).first().click();
    await page.waitForLoadState();
    await page.goto(`${here.issuer}/account`);
    await page.locator('input[autocomplete~="current-password"]').waitFor();
  }));

  it('changes the password: the old one is dead, the new one works', () => visiting(here, async (visit, page) => {
    const user = await addUser(here.installation, here.tenant, newEmail());
    const next = 'another correct horse 48 battery';
    await page.goto(`${here.issuer}/account`);
    await signIn(page, user);
    await page.waitForURL(/\/account/);
    await page.goto(`${here.issuer}/account/security`);
    await fill(page, { 'current-password': user.password, 'new-password': next });
    await button(page, /change password|update password|save password/i).click();
    await page.getByRole('status').first().waitFor();
    await button(page, /^sign out$/i).first().click();
    await page.waitForLoadState();
    await page.goto(`${here.issuer}/account`);
    await signIn(page, user);
    await page.getByRole('alert').first().waitFor();
    await signIn(page, { ...user, password: next });
    await page.waitForURL(/\/account/);
  }));

  it('takes consent back on the account page: the application must ask again', () => visiting(here, async (visit, page) => {
    await page.goto(`${here.party.origin}/login?prompt=consent`);
    await signIn(page, here.user);
    await allow(page);
    await page.goto(`${here.issuer}/account/applications`);
    await button(page, /remove access/i).first().click();
    await page.waitForLoadState();
    await page.goto(`${here.party.origin}/login`);
    await page.waitForURL(/\/consent/);
  }));

  it('shows an error page for a request that cannot be answered, and refuses to be framed', () => visiting(here, async (visit, page) => {
    await page.goto(`${here.issuer}/oauth2/authorize?client_id=cli_00000000000000000000000000&redirect_uri=https://evil.example/`);
    await visit.inspect('error');
    await page.goto(`${here.issuer}/no-such-page`);
    await visit.inspect('not-found');
    const framed = await here.browser.newPage();
    await framed.goto(`${here.party.origin}/frame?url=${encodeURIComponent(`${here.issuer}/sign-in`)}`);
    const [frame] = framed.frames().filter((each) => each !== framed.mainFrame());
    assert.ok(!frame || !(await frame.content()).includes('current-password'), 'another site cannot frame the sign-in page');
    await framed.close();
  }));

  it('speaks the language of the browser', async () => {
    for (const locale of ['de-DE', 'fr-FR', 'es-ES', 'ja-JP']) {
      await visiting(here, async (visit, page) => {
        await page.goto(`${here.party.origin}/login`);
        assert.equal((await page.locator('html').getAttribute('lang')).slice(0, 2), locale.slice(0, 2));
        await visit.inspect(`sign-in-${locale.slice(0, 2)}`);
      }, { locale });
    }
  });

  it('works with the keyboard alone', () => visiting(here, async (visit, page) => {
    await page.goto(`${here.party.origin}/login?prompt=login`);
    await page.locator('input[autocomplete~="username"]:focus').waitFor();
    await page.keyboard.type(here.user.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(here.user.password);
    await page.keyboard.press('Enter');
    await allow(page);
  }));
});
