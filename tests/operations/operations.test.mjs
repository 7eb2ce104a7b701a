// What an operator meets: health, starting and stopping, a lost master key, a database that goes away.

import assert from 'node:assert/strict';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent, interact } from '../harness/agent.mjs';
import { cluster, databases, newInstallation } from '../harness/databases.mjs';
import { addClient, addUser, prepareTenants } from '../harness/provision.mjs';
import { TcpProxy } from '../harness/tcp-proxy.mjs';

const CALLBACK = 'https://app.example.test/callback';

for (const database of databases) {
  describe(`operations on ${database}`, () => {
    let installation;
    before(async () => {
      installation = await newInstallation(database, { label: `operations-${database}` });
      await prepareTenants(installation);
      await installation.start();
    });
    after(() => installation?.destroy());

    it('answers health on the admin listener only', async () => {
      for (const path of ['/livez', '/readyz', '/metrics']) {
        const answer = await fetch(installation.adminUrl + path);
        assert.equal(answer.status, 200, path);
        await answer.arrayBuffer();
        assert.equal((await fetch(installation.baseUrl + path)).status, 404, `${path} is private`);
      }
      assert.equal((await fetch(`${installation.adminUrl}/.well-known/openid-configuration`)).status, 404);
    });

    it('works beside commands: what they change is seen', async () => {
      const slug = `t-${randomBytes(3).toString('hex')}`;
      await installation.json('tenant', 'create', '--slug', slug, '--name', slug);
      const answer = await fetch(`${installation.issuer(slug)}/.well-known/openid-configuration`);
      assert.equal(answer.status, 200);
      assert.equal((await answer.json()).issuer, installation.issuer(slug));
      await addUser(installation, slug, 'someone@example.test');
      await assert.rejects(addUser(installation, slug, 'SOMEONE@example.test'), /exists|taken|another/);
      await assert.rejects(installation.json('tenant', 'create', '--slug', slug, '--name', slug), /exists|taken|another/);
      await assert.rejects(installation.json('tenant', 'create', '--slug', 'Not A Slug', '--name', 'x'), /slug/);
      await assert.rejects(installation.json('user', 'create', '--tenant', 'no-such-tenant', '--email', 'a@b.example', '--password', 'x'), /no-such-tenant/);
    });

    it('finds its own installation healthy', async () => {
      assert.ok(await installation.cli('doctor'));
    });

    it('drains on SIGTERM, ends with 0, and starts again with everything it had', async () => {
      const { baseUrl } = installation;
      const before = await (await fetch(`${baseUrl}/.well-known/jwks.json`)).json();
      const ended = await installation.server.stop('SIGTERM');
      assert.deepEqual(ended, { code: 0, signal: null });
      await installation.start();
      const again = await (await fetch(`${baseUrl}/.well-known/jwks.json`)).json();
      assert.deepEqual(again.keys.map(({ kid }) => kid).sort(), before.keys.map(({ kid }) => kid).sort());
    });

    it('refuses to start with a lost or a wrong master key, says what to do, and destroys nothing', async () => {
      await installation.server.stop('SIGTERM');
      const key = join(installation.dir, 'master.key');
      assert.ok(existsSync(key), 'the key is where the documentation says');
      renameSync(key, `${key}.away`);
      await assert.rejects(installation.start(), /master key/i);
      assert.ok(!existsSync(key), 'no new key takes the place of the lost one');
      writeFileSync(key, randomBytes(32).toString('base64'), { mode: 0o600 });
      await assert.rejects(installation.start(), /master key/i);
      renameSync(`${key}.away`, key);
      await installation.start();
      const { keys } = await (await fetch(`${installation.baseUrl}/.well-known/jwks.json`)).json();
      assert.ok(keys.length > 0);
    });

    it('names the nearest setting when one is unknown', async () => {
      await assert.rejects(
        installation.cli('doctor', '--config', writeConfig(installation, 'listne = "127.0.0.1:1"\n')),
        /listne[\s\S]*listen/,
      );
      await assert.rejects(installation.cli('doctor', '--config', writeConfig(installation, 'listen = 7\n')), /listen/);
    });
  });
}

function writeConfig(installation, text) {
  const path = join(installation.dir, 'broken.toml');
  writeFileSync(path, text);
  return path;
}

if (databases.includes('postgres')) {
  describe('operations while PostgreSQL is gone', () => {
    let proxy;
    let installation;
    before(async () => {
      proxy = await new TcpProxy(cluster.hostname, cluster.port || 5432).start();
      installation = await newInstallation('postgres', { label: 'operations-outage', port: proxy.port });
      await installation.start();
    });
    after(async () => {
      await installation?.destroy();
      proxy?.stop();
    });

    it('answers 503 in the right shape, stays alive, and recovers by itself', async () => {
      const client = await addClient(installation, 'default', { redirectUri: CALLBACK });
      const token = (fields) => fetch(`${installation.baseUrl}/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: client.client_id, client_secret: client.client_secret, ...fields }),
      });
      let refreshToken = await signIn(installation, client, token);
      const refresh = () => token({ grant_type: 'refresh_token', refresh_token: refreshToken });
      const before = await refresh();
      assert.equal(before.status, 200);
      refreshToken = (await before.json()).refresh_token;
      proxy.cut();
      const down = await refresh();
      assert.equal(down.status, 503);
      assert.match(down.headers.get('content-type'), /^application\/json/);
      assert.match((await down.json()).error, /temporarily_unavailable|server_error/);
      assert.equal((await fetch(`${installation.adminUrl}/readyz`)).status, 503);
      assert.equal((await fetch(`${installation.adminUrl}/livez`)).status, 200);
      const page = await fetch(`${installation.baseUrl}/account`, { headers: { cookie: 'authflow_session=x', accept: 'text/html' } });
      assert.ok(page.status < 400 || page.status === 503, String(page.status));
      proxy.restore();
      await eventually(async () => (await fetch(`${installation.adminUrl}/readyz`)).status === 200);
      assert.equal((await refresh()).status, 200, 'what was acknowledged before the outage still works');
    });
  });
}

/** A refresh token for a new user. */
async function signIn(installation, client, token) {
  const verifier = randomBytes(32).toString('base64url');
  const user = await addUser(installation, 'default', 'someone@example.test');
  const agent = new Agent({ callbacks: [CALLBACK] });
  const url = new URL(`${installation.baseUrl}/oauth2/authorize`);
  url.search = new URLSearchParams({
    response_type: 'code', client_id: client.client_id, redirect_uri: CALLBACK, scope: 'openid offline_access', state: 's',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  });
  const arrival = await interact(agent, await agent.goto(url), { user });
  assert.equal(arrival.kind, 'callback', String(arrival));
  const answer = await token({ grant_type: 'authorization_code', code: arrival.params.get('code'), code_verifier: verifier, redirect_uri: CALLBACK });
  return (await answer.json()).refresh_token;
}

async function eventually(holds, timeoutMs = 15_000) {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `not within ${timeoutMs} ms: ${holds}`);
    await new Promise((done) => { setTimeout(done, 100); });
  }
}
