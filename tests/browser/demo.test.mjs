// `authflow dev` as a newcomer meets it: one command, the demo page, the demo user, the captured mail.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePorts, startProcess } from '../harness/binary.mjs';
import { Visit, button, fill, launch } from './chromium.mjs';

describe('authflow dev', () => {
  let data;
  let server;
  let browser;
  let base;

  before(async () => {
    data = mkdtempSync(join(tmpdir(), 'authflow-dev-'));
    const [port, admin] = await freePorts(2);
    base = `http://localhost:${port}`;
    server = await startProcess(['dev', '--data', data, '--listen', `127.0.0.1:${port}`, '--admin-listen', `127.0.0.1:${admin}`],
      { label: 'browser-dev', ready: `http://127.0.0.1:${admin}/readyz` });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  });

  it('prints what to open', () => {
    assert.match(server.output(), new RegExp(`${base}/dev/demo`));
  });

  for (const javaScriptEnabled of [true, false]) {
    it(`signs the demo user in with JavaScript ${javaScriptEnabled ? 'on' : 'off'} and shows tokens and claims`, async () => {
      const visit = await Visit.begin(browser, { origins: [base], javaScriptEnabled, record: javaScriptEnabled ? 'dev' : 'dev-no-js' });
      const { page } = visit;
      await page.goto(`${base}/dev/demo`);
      await visit.inspect('demo');
      const shown = await page.locator('dl.facts code').allInnerTexts();
      const email = shown.find((text) => /^[^/]+@/.test(text));
      const password = shown[shown.indexOf(email) + 1];
      await button(page, /sign in|start/i).click();
      await visit.inspect('demo-sign-in');
      await fill(page, { username: email, 'current-password': password });
      await button(page, /^sign in$/i).click();
      await page.waitForURL(/\/consent|\/dev\/demo/);
      if (/\/consent/.test(page.url())) await button(page, /^allow/i).click();
      await page.waitForURL(/\/dev\/demo/);
      const text = await page.locator('main').innerText();
      assert.match(text, /id_token/);
      assert.match(text, /access_token/);
      assert.ok(text.includes(email));
      await visit.inspect('demo-signed-in');
      await button(page, /refresh/i).click();
      await page.waitForURL(/\/dev\/demo/);
      await page.goto(`${base}/dev/outbox`);
      await visit.inspect('outbox');
      await page.goto(`${base}/dev/demo`);
      await button(page, /sign out/i).first().click();
      await page.waitForLoadState();
      await visit.finish();
    });
  }

  it('captures the mail of a sign-up in the outbox', async () => {
    const visit = await Visit.begin(browser, { origins: [base], record: 'dev' });
    const { page } = visit;
    await page.goto(`${base}/sign-up`);
    await fill(page, { name: 'Hedy Lamarr', email: 'hedy@example.test', 'new-password': 'frequency hopping 1942 spread' });
    await button(page, /create|sign up/i).click();
    await page.waitForLoadState();
    await page.goto(`${base}/dev/outbox`);
    await page.getByText('hedy@example.test').first().waitFor();
    await visit.inspect('outbox-with-mail');
    await visit.finish();
  });
});
