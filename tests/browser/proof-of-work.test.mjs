// A page that asks for a proof of work, in a real browser: solved by its script, passed by a code where there is none.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { solveChallenge } from 'altcha-lib/v1';
import { databases, newInstallation } from '../harness/databases.mjs';
import { Mailbox } from '../harness/mailbox.mjs';
import { TENANTS, addClient, addUser, prepareTenants } from '../harness/provision.mjs';
import { Visit, button, fill, launch } from './chromium.mjs';

const newEmail = () => `${randomBytes(5).toString('hex')}@example.test`;
const title = { name: 'One moment' };

for (const database of databases) {
  describe(`proof of work on ${database}`, () => {
    let installation;
    let browser;
    let mailbox;
    before(async () => {
      mailbox = await Mailbox.open();
      installation = await newInstallation(database, { label: `proof-${database}`, env: mailbox.env });
      await prepareTenants(installation);
      for (const tenant of TENANTS) await installation.json('tenant', 'update', tenant, '--setting', 'abuse.proof_of_work=always');
      await installation.start();
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
      await installation?.destroy();
      await mailbox?.close();
    });

    async function visiting(tenant, javaScriptEnabled, run) {
      const record = database === 'sqlite' && tenant === 'default' ? `proof${javaScriptEnabled ? '' : '-no-js'}` : null;
      const visit = await Visit.begin(browser, { origins: [installation.baseUrl], javaScriptEnabled, record });
      try {
        await run(visit, visit.page, installation.issuer(tenant));
      } catch (error) {
        error.message += `\nat ${visit.page.url()}\n${await visit.page.locator('body').innerText().catch(() => '')}\n${visit.problems.join('\n')}`;
        await visit.context.close();
        throw error;
      }
      await visit.finish();
    }

    async function mailedCode(email) {
      const { text } = await mailbox.to(email);
      return text.match(/^Subject: (\d{6}) /m)[1];
    }

    for (const tenant of TENANTS) {
      it(`the script solves the challenge and the sign-in goes on, tenant ${tenant}`, () => visiting(tenant, true, async (visit, page, issuer) => {
        const user = await addUser(installation, tenant, newEmail());
        await page.goto(`${issuer}/account`);
        await fill(page, { username: user.email, 'current-password': user.password });
        await button(page, /^sign in$/i).click();
        await page.waitForURL(/\/account$/);
        await page.getByRole('heading', { name: 'Profile' }).first().waitFor();
        assert.match(await page.locator('.account-head').innerText(), new RegExp(user.email));
      }));

      it(`without JavaScript a code by mail goes on with the password tried, tenant ${tenant}`, () => visiting(tenant, false, async (visit, page, issuer) => {
        const user = await addUser(installation, tenant, newEmail());
        await page.goto(`${issuer}/account`);
        await fill(page, { username: user.email, 'current-password': user.password });
        await button(page, /^sign in$/i).click();
        await page.getByRole('heading', title).waitFor();
        await visit.inspect('challenge');
        await button(page, /email me a code/i).click();
        await fill(page, { 'one-time-code': '000000' });
        await button(page, /^continue$/i).click();
        await page.getByRole('alert').first().waitFor();
        await visit.inspect('code-refused');
        await fill(page, { 'one-time-code': await mailedCode(user.email) });
        await button(page, /^continue$/i).click();
        await page.waitForURL(/\/account$/);
      }));
    }

    it('a stock ALTCHA library solves what an application is asked', async () => {
      const user = await addUser(installation, 'default', newEmail());
      const client = await addClient(installation, 'default', {
        type: 'public', redirectUri: 'com.example.app:/callback', extra: ['--application-type', 'native', '--first-party', 'true'],
      });
      const verifier = randomBytes(32).toString('base64url');
      const ask = async (fields) => {
        const body = new URLSearchParams({ client_id: client.client_id, username: user.email, password: user.password, ...fields });
        const answer = await fetch(`${installation.baseUrl}/oauth2/challenge`, { method: 'POST', body });
        return { status: answer.status, body: await answer.json() };
      };
      const asked = await ask({
        response_type: 'code', scope: 'openid', code_challenge_method: 'S256', code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      });
      assert.equal(asked.body.reason, 'proof_of_work_needed', JSON.stringify(asked));
      const { algorithm, challenge, salt, signature, maxnumber } = asked.body.altcha;
      const { number } = await solveChallenge(challenge, salt, algorithm, maxnumber).promise;
      const altcha = Buffer.from(JSON.stringify({ algorithm, challenge, number, salt, signature })).toString('base64');
      const done = await ask({ auth_session: asked.body.auth_session, altcha });
      assert.equal(done.status, 200, JSON.stringify(done));
      assert.ok(done.body.authorization_code);
    });

    it('the calculation shows how far it is, and leaves a way on when it fails', () => visiting('default', true, async (visit, page, issuer) => {
      const user = await addUser(installation, 'default', newEmail());
      // Challenges that nothing solves, so that the page stays to be looked at: the first one for long.
      const maxima = ['4000000000', '1000'];
      await page.route('**/sign-in', async (route) => {
        const answer = await route.fetch();
        const body = (await answer.text())
          .replace(/(&quot;challenge&quot;:&quot;)[0-9a-f]{8}/, '$100000000')
          .replace(/(&quot;maxnumber&quot;:)\d+/, `$1${maxima.shift()}`);
        await route.fulfill({ response: answer, body });
      });
      const begin = async () => {
        await page.goto(`${issuer}/account`);
        await fill(page, { username: user.email, 'current-password': user.password });
        await button(page, /^sign in$/i).click();
        await page.getByRole('heading', title).waitFor();
      };
      await begin();
      await page.getByRole('progressbar').waitFor();
      await visit.inspect('calculating');
      await begin();
      await page.getByText(/did not work out/i).waitFor();
      await visit.inspect('failed');
      await button(page, /email me a code/i).click();
      await page.locator('input[autocomplete~="one-time-code"]').waitFor();
      await visit.inspect('code');
    }));
  });
}
