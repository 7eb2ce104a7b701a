// A real Chromium, and what every page of ours must be in it: accessible, quiet in the console, self-contained.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { artifacts } from '../harness/binary.mjs';

const executablePath = process.env.AUTHFLOW_TEST_CHROMIUM ?? '/usr/bin/chromium';
const screenshots = join(artifacts, 'screenshots');

const LOOKS = [
  { name: 'light', colorScheme: 'light', width: 1280, height: 900 },
  { name: 'dark', colorScheme: 'dark', width: 1280, height: 900 },
  { name: 'light-360', colorScheme: 'light', width: 360, height: 740 },
  { name: 'dark-360', colorScheme: 'dark', width: 360, height: 740 },
];

/** In how many of them a visit that keeps no screenshots looks at each page. */
const LOOKS_UNRECORDED = LOOKS.slice(0, 1);

/** WCAG 2.2 AA, and what axe knows beside it. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function launch() {
  if (!existsSync(executablePath)) {
    throw new Error(`no browser at \`${executablePath}\`: install the Debian package \`chromium\` or set AUTHFLOW_TEST_CHROMIUM`);
  }
  mkdirSync(screenshots, { recursive: true });
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
}

/**
 * One person's browser at the origins it may use. `record` names the screenshots; without it none are taken, and pages
 * are inspected in one look only: the same pages are recorded elsewhere.
 * `finish()` fails if anything went wrong that a page did not show: script errors, CSP reports, foreign requests.
 */
export class Visit {
  static async begin(browser, { origins, javaScriptEnabled = true, record = null, locale = 'en-GB' }) {
    const context = await browser.newContext({ locale, viewport: LOOKS[0], colorScheme: 'light', reducedMotion: 'reduce' });
    const visit = new Visit(context, origins, record);
    visit.page = await context.newPage();
    visit.javaScriptEnabled = javaScriptEnabled;
    visit.devtools = await context.newCDPSession(visit.page);
    // Not by the context's `javaScriptEnabled`: that cannot be lifted for the moment in which axe runs.
    await visit.scripts(javaScriptEnabled);
    visit.listen(visit.page);
    return visit;
  }

  constructor(context, origins, record) {
    this.context = context;
    this.origins = origins;
    this.record = record;
    this.problems = [];
  }

  scripts(enabled) {
    return this.devtools.send('Emulation.setScriptExecutionDisabled', { value: !enabled });
  }

  listen(page) {
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => this.problems.push(`script error on ${page.url()}: ${error.message}`));
    page.on('console', (message) => {
      // A refused form answers 4xx on purpose, and Chromium says so.
      const refusal = message.text().startsWith('Failed to load resource') && message.location().url === page.url();
      const serious = ['error', 'warning'].includes(message.type()) || /content security policy/i.test(message.text());
      if (serious && !refusal) this.problems.push(`console ${message.type()} on ${page.url()}: ${message.text()}`);
    });
    page.on('response', (response) => {
      const loaded = !response.request().isNavigationRequest();
      if (loaded && response.status() >= 400) this.problems.push(`${response.status()} for ${response.url()}, which ${page.url()} needs`);
    });
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (!['data:', 'blob:', 'about:'].includes(protocol) && !this.origins.includes(origin)) {
        this.problems.push(`request to a foreign origin from ${page.url()}: ${request.url()}`);
      }
    });
  }

  /** Looks at the page in every look: no axe violation, no sideways scrolling, a language, a title; screenshots if recording. */
  async inspect(name) {
    const { page } = this;
    const before = page.viewportSize();
    // axe is a script. The page's own scripts were refused when it loaded and do not run now either.
    await this.scripts(true);
    assert.ok(await page.locator('html').getAttribute('lang'), `${name}: the page names its language`);
    assert.ok(await page.title(), `${name}: the page has a title`);
    for (const look of this.record ? LOOKS : LOOKS_UNRECORDED) {
      await page.setViewportSize({ width: look.width, height: look.height });
      await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: 'reduce' });
      const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).withTags(RULES).analyze();
      const found = violations.map(({ id, help, nodes }) => `${id} (${help}): ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`);
      assert.deepEqual(found, [], `${name}, ${look.name}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(overflow <= 0, `${name}, ${look.name}: scrolls sideways by ${overflow} px`);
      if (this.record) await page.screenshot({ path: join(screenshots, `${this.record}-${name}-${look.name}.png`), fullPage: true });
    }
    await this.scripts(this.javaScriptEnabled);
    await page.setViewportSize(before);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  }

  async finish() {
    await this.context.close();
    assert.deepEqual(this.problems, []);
  }
}

/** Fills fields by their autocomplete purpose. */
export async function fill(page, values) {
  for (const [purpose, value] of Object.entries(values)) {
    await page.locator(`input[autocomplete~="${purpose}"]:visible`).fill(value);
  }
}

export function button(page, name) {
  return page.getByRole('button', { name });
}
