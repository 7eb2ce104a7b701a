// The account pages, recovery, invitation, deletion and every mail, as somebody meets them in a browser. Each page is looked
// at in every look; German and Japanese are where words are long or break elsewhere.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import AxeBuilder from '@axe-core/playwright';
import { Installation, artifacts, freePorts, startProcess } from '../harness/binary.mjs';
import { PASSWORD, RELAXED_LIMITS } from '../harness/provision.mjs';
import { Visit, fill, launch } from './chromium.mjs';

const PAGES = ['', '/security', '/devices', '/applications', '/activity', '/data'];
const LOCALES = [['en', 'en-GB'], ['de', 'de-DE'], ['ja', 'ja-JP']];
const ONE = '+49 151 23456789';
const TWO = '+49 151 87654321';

describe('account', () => {
  let installation;
  let browser;
  let base;

  before(async () => {
    installation = new Installation({ label: 'browser-account' });
    const [port, admin] = await freePorts(2);
    base = `http://localhost:${port}`;
    installation.server = await startProcess(['dev', ...installation.storageArgs(), '--listen', `127.0.0.1:${port}`, '--admin-listen', `127.0.0.1:${admin}`],
      { label: 'browser-account', ready: `http://127.0.0.1:${admin}/readyz`, env: { ...RELAXED_LIMITS, AUTHFLOW_SMS_PER_SOURCE: '1000' } });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await installation?.destroy();
  });

  const cli = (...args) => installation.cli(...args);
  const addUser = (email, ...more) => cli('user', 'create', '--tenant', 'default', '--email', email, '--password', PASSWORD, '--json', ...more);

  async function visiting(record, locale, body) {
    const visit = await Visit.begin(browser, { origins: [base], javaScriptEnabled: true, record, locale });
    try {
      await body(visit, visit.page);
    } catch (error) {
      error.message += `\nat ${visit.page.url()}\n${await visit.page.locator('body').innerText().catch(() => '')}`;
      await visit.context.close();
      throw error;
    }
    await visit.finish();
  }

  const press = (page, action) => page.locator(`form[action$="${action}"] button`).last().click();

  async function signIn(page, email) {
    await page.goto(`${base}/sign-in`);
    await fill(page, { username: email, 'current-password': PASSWORD });
    await page.locator('form[action$="/sign-in"] .button-main').click();
  }

  /** The text of the newest captured message to somebody that matches. */
  async function message(to, pattern) {
    for (let tries = 0; tries < 100; tries += 1) {
      const list = await (await fetch(`${base}/dev/outbox`)).text();
      const rows = list.split('/dev/outbox/').slice(1).map((row) => row.split('</a>')[0]);
      const ids = rows.filter((row) => row.includes(to)).map((row) => /^[a-z0-9_]+/.exec(row)?.[0]).filter(Boolean);
      for (const id of ids) {
        const text = (await (await fetch(`${base}/dev/outbox/${id}`)).text()).replaceAll('&amp;', '&').replaceAll('&#x2f;', '/');
        const found = text.match(pattern);
        if (found) return found[1];
      }
      await new Promise((done) => { setTimeout(done, 100); });
    }
    throw new Error(`no message to ${to} has ${pattern}`);
  }

  /** One that was sent after what `after` does. */
  const linkIn = (to, path) => message(to, new RegExp(`href="(${base}${path}\\?token=[^"]+)"`));
  const codeTo = (number) => message(number.replaceAll(' ', ''), /@localhost #(\d{6})/);

  for (const [tag, locale] of LOCALES) {
    it(`shows every page of an account in ${tag}`, () => visiting(`account-${tag}`, locale, async (visit, page) => {
      const email = `anna-${tag}@example.test`;
      await addUser(email, '--name', 'Anna-Katharina Müller-Lüdenscheidt', '--verified');
      await signIn(page, email);
      await page.waitForURL(/\/account$/);
      for (const path of PAGES) {
        await page.goto(`${base}/account${path}`);
        await visit.inspect(path.slice(1) || 'profile');
      }
      await page.goto(`${base}/account`);
      await page.locator('#phone').fill('12');
      await press(page, '/account/phones/add');
      await page.locator('#problem').waitFor();
      await visit.inspect('phone-wrong');
      const [number, other] = [ONE, TWO].map((each) => each.replace(/\d$/, String(LOCALES.findIndex(([one]) => one === tag))));
      await page.locator('#phone').fill(number);
      await press(page, '/account/phones/add');
      await page.waitForURL(/phones\/confirm/);
      await visit.inspect('phone-code');
      await page.locator('#code').fill(await codeTo(number));
      await press(page, '/account/phones/confirm');
      await page.waitForURL(/notice=phone_added/);
      await page.locator('.row-more summary').first().click();
      await visit.inspect('phone-added');
      await page.locator('#phone-1').fill(other);
      await page.locator('form:has(#phone-1) button').click();
      await page.waitForURL(/phones\/confirm/);
      await page.locator('#code').fill(await codeTo(other));
      await press(page, '/account/phones/confirm');
      await page.locator('form[action$="/account/phones/lost"]').waitFor();
      await visit.inspect('phone-code-old');
      await press(page, '/account/phones/lost');
      await page.waitForURL(/notice=phone_changed/);
      await page.locator('.row-more summary').first().click();
      await press(page, '/account/identifiers/remove');
      await page.waitForURL(/notice=identifier_removed/);
      await page.goto(`${base}/account/security/totp`);
      await visit.inspect('totp');
    }));
  }

  it('declines the suggestion of a passkey for good', () => visiting(null, 'en-GB', async (visit, page) => {
    await addUser('dora@example.test', '--verified');
    await signIn(page, 'dora@example.test');
    await page.waitForURL(/\/account$/);
    await press(page, '/account/passkeys/decline');
    await page.waitForURL(/\/account$/);
    assert.equal(await page.locator('#offer-heading').count(), 0);
    await page.goto(`${base}/account`);
    assert.equal(await page.locator('#offer-heading').count(), 0);
  }));

  it('adds an address and lets the one of before object', () => visiting('address', 'en-GB', async (visit, page) => {
    await addUser('emil@example.test', '--verified');
    await signIn(page, 'emil@example.test');
    await page.waitForURL(/\/account$/);
    await page.locator('#email').fill('emil.new@example.test');
    await press(page, '/account/identifiers/add');
    await page.waitForURL(/notice=email_change_begun/);
    await visit.inspect('begun');
    const link = await linkIn('emil.new@example.test', '/account/link');
    await visiting('address', 'en-GB', async (other, elsewhere) => {
      await elsewhere.goto(link);
      await other.inspect('confirm-link-elsewhere');
    });
    await page.goto(link);
    await visit.inspect('confirm-link');
    await press(page, '/account/link');
    await visit.inspect('confirmed');
    await page.goto(`${base}/account`);
    await visit.inspect('two');
    await page.goto(await linkIn('emil@example.test', '/account/link'));
    await visit.inspect('object-link');
    await press(page, '/account/link');
    await visit.inspect('undone');
  }));

  it('recovers a password', () => visiting('recover', 'en-GB', async (visit, page) => {
    await addUser('rosa@example.test', '--verified');
    await page.goto(`${base}/recover`);
    await visit.inspect('start');
    await page.locator('#identifier').fill('rosa@example.test');
    await press(page, '/recover');
    await visit.inspect('sent');
    await page.goto(await linkIn('rosa@example.test', '/recover/new'));
    await visit.inspect('new-password');
    await page.locator('#new_password').fill('short');
    await press(page, '/recover/new');
    await page.locator('#problem').waitFor();
    await visit.inspect('new-password-wrong');
    await page.locator('#new_password').fill('eleven purple bicycles');
    await press(page, '/recover/new');
    await page.waitForURL(/\/account/);
    await page.goto(`${base}/recover/new?token=x`);
    await visit.inspect('link-expired');
  }));

  it('accepts an invitation', () => visiting('invitation', 'en-GB', async (visit, page) => {
    await cli('user', 'invite', '--tenant', 'default', '--email', 'ivy@example.test', '--name', 'Ivy', '--json');
    await page.goto(await linkIn('ivy@example.test', '/invitation'));
    await visit.inspect('form');
    await page.locator('#password').fill('short');
    await press(page, '/invitation');
    await page.locator('#problem').waitFor();
    await visit.inspect('form-wrong');
    await page.locator('#password').fill(PASSWORD);
    await press(page, '/invitation');
    await visit.inspect('done');
  }));

  it('deletes an account and keeps it after all', () => visiting('deletion', 'en-GB', async (visit, page) => {
    await addUser('gone@example.test', '--verified');
    await signIn(page, 'gone@example.test');
    await page.waitForURL(/\/account$/);
    await page.goto(`${base}/account/data`);
    await press(page, '/account/data/delete');
    await visit.inspect('unconfirmed');
    await page.locator('form[action$="/account/data/delete"] input[type=checkbox]').check();
    await press(page, '/account/data/delete');
    await visit.inspect('requested');
    await page.goto(await linkIn('gone@example.test', '/account/link'));
    await visit.inspect('keep-link');
    await press(page, '/account/link');
    await visit.inspect('kept');
  }));

  it('sets a second factor up where one is required', () => visiting('set-up', 'en-GB', async (visit, page) => {
    await cli('tenant', 'create', '--slug', 'strict', '--name', 'Strict', '--json');
    await cli('tenant', 'update', 'strict', '--setting', 'mfa=required');
    await cli('user', 'create', '--tenant', 'strict', '--email', 'sam@example.test', '--password', PASSWORD, '--verified', '--json');
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', { options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
    } });
    await page.goto(`${base}/t/strict/sign-in`);
    await fill(page, { username: 'sam@example.test', 'current-password': PASSWORD });
    await page.locator('form[action$="/sign-in"] .button-main').click();
    await page.waitForURL(/set-up/);
    await visit.inspect('app');
    await page.locator('a[href*="/set-up/passkey"]').click();
    await visit.inspect('passkey');
    await press(page, '/sign-in/set-up/passkey');
    await page.locator('.codes, ul code').first().waitFor();
    await visit.inspect('recovery-codes');
    await page.goto(`${base}/t/strict/account/security`);
    assert.equal(new URL(page.url()).pathname, '/t/strict/account/security', 'signed in');
    await visit.inspect('security');
  }));

  it('shows every mail, light and dark, wide and narrow, without axe violations', async () => {
    const folder = join(artifacts, 'screenshots');
    mkdirSync(folder, { recursive: true });
    const templates = JSON.parse(await cli('mail', 'templates', '--json')).data;
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    for (const template of templates) {
      for (const locale of ['en', 'de', 'ja']) {
        const html = await cli('mail', 'preview', '--tenant', 'default', '--template', template, '--locale', locale, '--html');
        for (const [look, width, colorScheme] of [['light', 800, 'light'], ['dark', 800, 'dark'], ['light-360', 360, 'light'], ['dark-360', 360, 'dark']]) {
          if (locale !== 'en' && look !== 'light-360') continue;
          await page.setViewportSize({ width, height: 900 });
          await page.emulateMedia({ colorScheme });
          await page.setContent(html);
          const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
          assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join('; ')}`), [], `${template} ${locale} ${look}`);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          assert.ok(overflow <= 0, `${template} ${locale} ${look}: scrolls sideways by ${overflow} px`);
          await page.screenshot({ path: join(folder, `mail-${template}-${locale}-${look}.png`), fullPage: true });
        }
      }
    }
    await context.close();
  });
});
