// Signing in with other providers: another tenant of the same binary, and one that is not ours (npm `oidc-provider`).

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import * as oidc from 'openid-client';
import { Agent, interact } from '../../harness/agent.mjs';
import { databases, newInstallation } from '../../harness/databases.mjs';
import { addClient, addUser, prepareTenants } from '../../harness/provision.mjs';
import { STRANGERS_CLIENT, strangersProvider } from '../../harness/strangers-provider.mjs';
import { CALLBACK, authorizationRequest, insecure } from './support.mjs';

const OUTBOUND = { AUTHFLOW_OUTBOUND_ALLOW_NETWORKS: '127.0.0.0/8,::1/128', AUTHFLOW_OUTBOUND_ALLOW_HTTP: 'true' };

for (const database of databases) {
  describe(`connections on ${database}`, () => {
    let installation;
    let here;
    let client;
    let stranger;
    const newName = () => `p${randomUUID().slice(0, 8)}`;

    before(async () => {
      installation = await newInstallation(database, { label: `node-connections-${database}`, env: OUTBOUND });
      await prepareTenants(installation);
      await installation.start();
      here = installation.issuer('default');
      const made = await addClient(installation, 'default', { redirectUri: CALLBACK, extra: ['--first-party', 'true'] });
      client = await oidc.discovery(new URL(here), made.client_id, made.client_secret, oidc.ClientSecretBasic(made.client_secret), insecure);
      const ours = await addClient(installation, 'acme', { redirectUri: `${here}/sign-in/callback/acme`, scopes: ['openid', 'profile', 'email'] });
      const acme = await installation.json('connection', 'create', '--preset', 'oidc', '--slug', 'acme', '--name', 'Acme',
        '--issuer', installation.issuer('acme'), '--client-id', ours.client_id, '--client-secret', ours.client_secret, '--trust-email', 'true');
      assert.equal(acme.redirect_uri, `${here}/sign-in/callback/acme`);
      assert.ok(acme.discovered_at && acme.has_secret && !JSON.stringify(acme).includes(ours.client_secret));
      stranger = await strangersProvider(`${here}/sign-in/callback/stranger`);
      await installation.json('connection', 'create', '--preset', 'oidc', '--slug', 'stranger', '--name', 'Stranger',
        '--issuer', stranger.issuer, '--client-id', STRANGERS_CLIENT.id, '--client-secret', STRANGERS_CLIENT.secret, '--trust-email', 'true',
        '--domain', 'there.example');
    });
    after(async () => {
      await stranger?.stop();
      await installation?.destroy();
    });

    /** Opens the client's request and presses the provider's button. */
    async function press(agent, label, extra = {}) {
      const request = await authorizationRequest(client, { scope: 'openid profile email', ...extra });
      const page = await agent.goto(request.url);
      const form = page.forms().find((candidate) => candidate.button(label));
      assert.ok(form, `no button ${label} on ${page}`);
      return { request, page: await agent.submit(form, label) };
    }

    /** Types a login on the stranger's own pages and agrees. */
    async function atStranger(agent, page, login) {
      let current = page;
      for (let steps = 0; steps < 4 && current.kind === 'page' && current.url.href.startsWith(stranger.issuer); steps += 1) {
        const [form] = current.forms();
        if (form.values.has('login')) form.values.set('login', login);
        if (form.values.has('password')) form.values.set('password', 'x');
        current = await agent.submit(form);
      }
      return current;
    }

    async function claimsOf(request, arrival) {
      assert.equal(arrival.kind, 'callback', `expected to be back at the client, got ${arrival}`);
      return (await oidc.authorizationCodeGrant(client, arrival.url, request.checks)).claims();
    }

    it('signs up and in again by another tenant of this very installation', async () => {
      const user = await addUser(installation, 'acme', `${newName()}@acme.example`);
      const first = new Agent({ callbacks: [CALLBACK] });
      const { request, page } = await press(first, /continue with acme/i);
      assert.ok(page.url.href.startsWith(installation.issuer('acme')), String(page));
      const named = await interact(first, page, { user });
      // Its user has no name there: asked for here, the address stays as it was proven.
      let arrival = named;
      if (named.kind === 'page') {
        const form = named.forms().find((candidate) => candidate.fieldFor('name'));
        arrival = await first.submit(form.fill({ name: 'Grace Hopper' }));
      }
      const claims = await claimsOf(request, arrival);
      assert.deepEqual([claims.email, claims.email_verified, claims.amr], [user.email, true, ['fed']]);
      const second = new Agent({ callbacks: [CALLBACK] });
      const again = await press(second, /continue with acme/i);
      const known = await claimsOf(again.request, await interact(second, again.page, { user }));
      assert.equal(known.sub, claims.sub);
    });

    it('links an account whose address both sides have verified', async () => {
      const email = `${newName()}@acme.example`;
      const own = await addUser(installation, 'default', email);
      const theirs = await addUser(installation, 'acme', email, 'another battery staple 48');
      const agent = new Agent({ callbacks: [CALLBACK] });
      const { request, page } = await press(agent, /continue with acme/i);
      const claims = await claimsOf(request, await interact(agent, page, { user: theirs }));
      const shown = await installation.json('user', 'show', '--tenant', 'default', own.id);
      assert.equal(claims.email, shown.email);
      assert.equal(claims.sub, own.id);
    });

    it('signs up and in again by a provider that is not ours', async () => {
      const login = newName();
      const first = new Agent({ callbacks: [CALLBACK] });
      const { request, page } = await press(first, /continue with stranger/i);
      const claims = await claimsOf(request, await atStranger(first, page, login));
      assert.deepEqual([claims.email, claims.name, claims.email_verified], [`${login}@there.example`, `Person ${login}`, true]);
      const second = new Agent({ callbacks: [CALLBACK] });
      const again = await press(second, /continue with stranger/i);
      assert.equal((await claimsOf(again.request, await atStranger(second, again.page, login))).sub, claims.sub);
    });

    it('asks instead of linking where the provider has not verified the address', async () => {
      const login = `unverified${newName()}`;
      await addUser(installation, 'default', `${login}@there.example`);
      const agent = new Agent({ callbacks: [CALLBACK] });
      const { page } = await press(agent, /continue with stranger/i);
      const arrival = await atStranger(agent, page, login);
      assert.equal(arrival.kind, 'page', String(arrival));
      assert.match(arrival.url.pathname, /\/sign-in\/connect$/);
    });

    it('sends an address of a routed domain to its provider, known or not', async () => {
      for (const typed of ['someone@there.example', `${newName()}@THERE.example`]) {
        const agent = new Agent({ callbacks: [CALLBACK] });
        const request = await authorizationRequest(client, { scope: 'openid' });
        const page = await agent.goto(request.url);
        const form = page.formWith('identifier', 'password');
        const arrived = await agent.submit(form.fill({ identifier: typed }));
        assert.ok(arrived.url.href.startsWith(stranger.issuer), String(arrived));
      }
      const agent = new Agent({ callbacks: [CALLBACK] });
      const hinted = await authorizationRequest(client, { scope: 'openid', connection: 'stranger' });
      assert.ok((await agent.goto(hinted.url)).url.href.startsWith(stranger.issuer));
    });

    it('takes an answer once, and only in the browser that asked', async () => {
      const agent = new Agent({ callbacks: [CALLBACK, `${here}/sign-in/callback/stranger`] });
      const { page } = await press(agent, /continue with stranger/i);
      const answer = await atStranger(agent, page, newName());
      assert.equal(answer.kind, 'callback');
      assert.equal(answer.url.searchParams.get('iss'), stranger.issuer);
      const other = new Agent({ callbacks: [CALLBACK] });
      assert.equal((await other.goto(answer.url)).status, 400);
      agent.callbacks = [CALLBACK];
      assert.equal((await agent.goto(answer.url)).kind, 'callback');
      const replayed = await agent.goto(answer.url);
      assert.equal(replayed.status, 400, String(replayed));
    });

    it('says so when the provider is away', async () => {
      const gone = await strangersProvider(`${here}/sign-in/callback/gone`);
      await installation.json('connection', 'create', '--preset', 'oidc', '--slug', 'gone', '--name', 'Gone',
        '--issuer', gone.issuer, '--client-id', STRANGERS_CLIENT.id, '--client-secret', STRANGERS_CLIENT.secret);
      const agent = new Agent({ callbacks: [CALLBACK, `${here}/sign-in/callback/gone`] });
      await until(async () => (await new Agent().goto(`${here}/sign-in`)).text.includes('Continue with Gone'));
      const { page } = await press(agent, /continue with gone/i);
      let current = page;
      while (current.kind === 'page') {
        const [form] = current.forms();
        if (form.values.has('login')) form.values.set('login', 'x');
        if (form.values.has('password')) form.values.set('password', 'x');
        current = await agent.submit(form);
      }
      await gone.stop();
      agent.callbacks = [CALLBACK];
      const failed = await agent.goto(current.url);
      assert.equal(failed.status, 503, String(failed));
      assert.ok(failed.headers.get('retry-after'));
      await installation.json('connection', 'delete', 'gone');
    });
  });
}

/** Commands reach a running server by a push that takes a moment. */
async function until(condition) {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await condition()) return;
    await new Promise((done) => { setTimeout(done, 50); });
  }
  throw new Error('the condition did not come true');
}
