// Signing in with other providers in a real browser: the buttons, the page between two accounts, the account page.

import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { newInstallation } from '../harness/databases.mjs';
import { PASSWORD, addUser } from '../harness/provision.mjs';
import { STRANGERS_CLIENT, strangersProvider } from '../harness/strangers-provider.mjs';
import { Visit, button, fill, launch } from './chromium.mjs';

const ENV = {
  AUTHFLOW_MAIL_TRANSPORT: 'captured',
  AUTHFLOW_OUTBOUND_ALLOW_NETWORKS: '127.0.0.0/8,::1/128',
  AUTHFLOW_OUTBOUND_ALLOW_HTTP: 'true',
  AUTHFLOW_OUTBOUND_TIMEOUT: '2s',
};
const SOCIAL = ['google', 'microsoft', 'github', 'gitlab', 'linkedin', 'facebook', 'discord', 'slack'];

describe('connections in a browser', () => {
  let installation;
  let stranger;
  let browser;

  before(async () => {
    installation = await newInstallation('sqlite', { label: 'browser-connections', env: ENV });
    await installation.start();
    stranger = await strangersProvider(`${installation.baseUrl}/sign-in/callback/stranger`);
    await installation.json('connection', 'create', '--preset', 'oidc', '--slug', 'stranger', '--name', 'Stranger', '--position', '1',
      '--issuer', stranger.issuer, '--client-id', STRANGERS_CLIENT.id, '--client-secret', STRANGERS_CLIENT.secret);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await stranger?.stop();
    await installation?.destroy();
  });

  async function visiting(record, run, javaScriptEnabled = true) {
    const visit = await Visit.begin(browser, { origins: [installation.baseUrl, stranger.issuer], javaScriptEnabled, record });
    try {
      await run(visit, visit.page);
    } catch (error) {
      error.message += `\nat ${visit.page.url()}\n${await visit.page.locator('body').innerText().catch(() => '')}\n${visit.problems.join('\n')}`;
      await visit.context.close();
      throw error;
    }
    // The stranger's pages are the stranger's: they load fonts from elsewhere.
    visit.problems = visit.problems.filter((problem) => !problem.includes(stranger.issuer));
    await visit.finish();
  }

  /** On the stranger's own pages. */
  async function atStranger(page, login) {
    await page.waitForURL((url) => url.href.startsWith(stranger.issuer));
    await page.locator('input[name=login]').fill(login);
    await page.locator('input[name=password]').fill('x');
    await page.locator('button[type=submit]').click();
    await page.getByRole('button', { name: /continue/i }).click();
    await page.waitForURL((url) => url.href.startsWith(installation.baseUrl));
  }

  for (const javaScriptEnabled of [true, false]) {
    it(`asks a stranger what they want, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, () => visiting(javaScriptEnabled ? 'connections' : null, async (visit, page) => {
      const login = `p${randomBytes(4).toString('hex')}`;
      await page.goto(`${installation.baseUrl}/sign-in`);
      await button(page, 'Continue with Stranger').click();
      await atStranger(page, login);
      assert.equal(new URL(page.url()).pathname, '/sign-in/connect');
      await visit.inspect('connect');
      await fill(page, { email: 'not an address' });
      await button(page, 'Create account').click();
      await page.getByRole('alert').first().waitFor();
      await visit.inspect('connect-refused');
      await fill(page, { email: `${login}@example.test` });
      await button(page, 'Create account').click();
      await page.locator('input[autocomplete~="one-time-code"]').waitFor();
      await visit.inspect('connect-code');
      await page.locator('input[autocomplete~="one-time-code"]').fill('000000');
      await button(page, 'Continue').click();
      await page.getByRole('alert').first().waitFor();
    }, javaScriptEnabled));
  }

  it('links an account by signing in to both, and lists and unlinks it', () => visiting('connections', async (visit, page) => {
    const user = await addUser(installation, 'default', `${randomBytes(4).toString('hex')}@example.test`);
    await page.goto(`${installation.baseUrl}/sign-in`);
    await button(page, 'Continue with Stranger').click();
    await atStranger(page, `p${randomBytes(4).toString('hex')}`);
    await button(page, 'Connect an account I have').click();
    await visit.inspect('connect-sign-in');
    await fill(page, { username: user.email, 'current-password': PASSWORD });
    await button(page, /^sign in$/i).click();
    await page.waitForURL(/\/account/);
    await visit.inspect('account');
    await page.getByRole('button', { name: /^disconnect/i }).click();
    await page.getByText('The account is disconnected.').waitFor();
    await page.getByRole('button', { name: /^connect\b/i }).click();
    // Still signed in there: straight back.
    await page.getByText('The account is connected.').waitFor();
  }));

  it('shows a button and a mark for every provider', () => visiting('connections', async (visit, page) => {
    for (const preset of SOCIAL) {
      await installation.json('connection', 'create', '--preset', preset, '--client-id', 'x', '--client-secret', 'y');
    }
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const file = join(installation.dir, 'apple.p8');
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await installation.json('connection', 'create', '--preset', 'apple', '--client-id', 'x', '--apple-key', file,
      '--apple-team-id', 'T', '--apple-key-id', 'K');
    for (let tries = 0; tries < 100; tries += 1) {
      await page.goto(`${installation.baseUrl}/sign-in`);
      if (await button(page, 'Continue with Apple').count()) break;
      await page.waitForTimeout(100);
    }
    await visit.inspect('sign-in');
    await page.goto(`${installation.baseUrl}/sign-in/callback/stranger?code=x&state=y`);
    await visit.inspect('answer-unknown');
  }));
});
