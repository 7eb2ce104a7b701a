// Kills the server with SIGKILL in the middle of a storm of sign-ups, sign-ins, code exchanges and refreshes, starts it
// again, and holds it to everything that it had acknowledged:
//   - every acknowledged user can sign in, every acknowledged session still authorizes silently;
//   - the last refresh token of every acknowledged family still works, also where a rotation was under way;
//   - a code whose redemption was acknowledged never redeems again; a code that was only issued redeems exactly once.
//
// Reads AUTHFLOW_CRASH_ROUNDS (3) and AUTHFLOW_TEST_POSTGRES_URL. Prints counts of every round.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Agent, interact } from '../harness/agent.mjs';
import { databases, newInstallation } from '../harness/databases.mjs';
import { PASSWORD, addClient } from '../harness/provision.mjs';
import { Ledger } from './ledger.mjs';

const CALLBACK = 'https://app.example.test/callback';
const ROUNDS = Number(process.env.AUTHFLOW_CRASH_ROUNDS ?? 3);
const STORM_MS = [1500, 4000];
const WORKERS = { signUp: 3, signIn: 3, code: 6, refresh: 6 };
/** Enough older artefacts are looked at again after every crash; all of the last round always are. */
const OLDER = 40;

const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });
const pick = (list) => list[Math.floor(Math.random() * list.length)];

/** Raised by a worker whose request the kill cut off: nothing was acknowledged, nothing is owed. */
class CutOff extends Error {}

class Storm {
  constructor(installation, client, ledger) {
    this.installation = installation;
    this.client = client;
    this.ledger = ledger;
    this.running = false;
  }

  get issuer() { return this.installation.issuer('default'); }

  newAgent() { return new Agent({ callbacks: [CALLBACK] }); }

  authorizeUrl(verifier, extra = {}) {
    const url = new URL(`${this.issuer}/oauth2/authorize`);
    url.search = new URLSearchParams({
      response_type: 'code', client_id: this.client.client_id, redirect_uri: CALLBACK, scope: 'openid email offline_access',
      state: 's', nonce: 'n', code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256', ...extra,
    });
    return url;
  }

  async token(fields) {
    const response = await fetch(`${this.issuer}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: this.client.client_id, client_secret: this.client.client_secret, ...fields }),
    });
    return { status: response.status, body: await response.json() };
  }

  redeem({ code, verifier }) {
    return this.token({ grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: CALLBACK });
  }

  refresh(token) { return this.token({ grant_type: 'refresh_token', refresh_token: token }); }

  /** A code by way of the hosted pages or of a live session. */
  async obtainCode(agent, { user, ...extra } = {}) {
    const verifier = randomBytes(32).toString('base64url');
    let page = await agent.goto(this.authorizeUrl(verifier, extra));
    if (extra.prompt === 'create') page = await this.fillSignUp(agent, page, user);
    const arrival = await interact(agent, page, { user });
    if (arrival.kind !== 'callback' || !arrival.params.get('code')) throw new Error(`no code: ${arrival.kind === 'callback' ? arrival.url : arrival}`);
    return { code: arrival.params.get('code'), verifier };
  }

  async fillSignUp(agent, page, user) {
    const form = page.formWith('newPassword');
    if (!form) throw new Error(`no sign-up form: ${page}`);
    return agent.submit(form.fill({ name: 'Storm', email: user.email, newPassword: user.password }));
  }

  // What workers do, once. An answer that arrived is an acknowledgement and goes into the ledger.

  async signUp() {
    const user = { email: `${randomBytes(6).toString('hex')}@example.test`, password: PASSWORD };
    const agent = this.newAgent();
    const issued = await this.obtainCode(agent, { user, prompt: 'create' });
    this.ledger.userMade(user);
    this.ledger.sessionMade({ agent, user });
    this.ledger.codeIssued(issued);
  }

  async signIn() {
    const user = pick(this.ledger.users);
    const agent = this.newAgent();
    const issued = await this.obtainCode(agent, { user });
    this.ledger.sessionMade({ agent, user });
    this.ledger.codeIssued(issued);
  }

  async code() {
    const { agent } = pick(this.ledger.sessions);
    const issued = this.ledger.codeIssued(await this.obtainCode(agent, { prompt: 'none' }));
    if (Math.random() < 0.3) return;
    this.ledger.redemptionBegan(issued);
    const { status, body } = await this.redeem(issued);
    assert.equal(status, 200, JSON.stringify(body));
    this.ledger.redeemed(issued, body.refresh_token);
  }

  async refreshOnce() {
    const family = this.ledger.takeIdleFamily();
    if (!family) return sleep(5);
    this.ledger.rotationBegan(family);
    const { status, body } = await this.refresh(family.token);
    assert.equal(status, 200, JSON.stringify(body));
    this.ledger.rotated(family, body.refresh_token);
    return undefined;
  }

  async work(step) {
    while (this.running) {
      try {
        await step.call(this);
      } catch (error) {
        if (!this.running && isNetworkError(error)) throw new CutOff();
        throw error;
      }
    }
  }

  /** Works on every front, then pulls the plug. */
  async rage() {
    this.running = true;
    const steps = [[this.signUp, WORKERS.signUp], [this.signIn, WORKERS.signIn], [this.code, WORKERS.code], [this.refreshOnce, WORKERS.refresh]];
    const workers = steps.flatMap(([step, count]) => Array.from({ length: count }, () => this.work(step)));
    const settled = Promise.allSettled(workers);
    await Promise.race([sleep(STORM_MS[0] + Math.random() * (STORM_MS[1] - STORM_MS[0])), Promise.race(workers)]);
    this.running = false;
    await this.installation.kill9();
    for (const { status, reason } of await settled) {
      if (status === 'rejected' && !(reason instanceof CutOff)) throw reason;
    }
  }
}

function isNetworkError(error) {
  return error instanceof TypeError && (error.message === 'fetch failed' || error.message === 'terminated');
}

/** Runs `check` over everything, some at a time. */
async function overAll(items, check, width = 12) {
  const queue = [...items];
  await Promise.all(Array.from({ length: width }, async () => {
    for (let item = queue.shift(); item; item = queue.shift()) await check(item);
  }));
  return items.length;
}

function recentAnd(all, since) {
  const older = all.slice(0, since);
  return [...all.slice(since), ...older.sort(() => Math.random() - 0.5).slice(0, OLDER)];
}

/** Holds the server to the ledger. Families come first: their idempotency window is the shortest promise. */
async function verify(storm, ledger) {
  const counts = {};
  counts.families = await overAll(ledger.families, async (family) => {
    const { status, body } = await storm.refresh(family.token);
    assert.equal(status, 200, `an acknowledged refresh token is dead (rotation under way: ${family.busy}): ${JSON.stringify(body)}`);
    assert.notEqual(body.refresh_token, family.token);
    const next = await storm.refresh(body.refresh_token);
    assert.equal(next.status, 200, `the successor is dead: ${JSON.stringify(next.body)}`);
    counts.interruptedRotations = (counts.interruptedRotations ?? 0) + (family.busy ? 1 : 0);
    ledger.rotated(family, next.body.refresh_token);
  });
  counts.freshCodes = await overAll(ledger.codesIn('issued'), async (issued) => {
    const first = await storm.redeem(issued);
    assert.equal(first.status, 200, `an acknowledged code is lost: ${JSON.stringify(first.body)}`);
    const second = await storm.redeem(issued);
    assert.equal(second.status, 400);
    assert.equal(second.body.error, 'invalid_grant', 'a code redeemed twice');
    ledger.spent(issued);
  });
  counts.interruptedCodes = await overAll(ledger.codesIn('redeeming'), async (issued) => {
    const answers = [await storm.redeem(issued), await storm.redeem(issued)];
    const redeemed = answers.filter(({ status }) => status === 200).length;
    assert.ok(redeemed <= 1, 'a code whose redemption was cut off redeemed twice');
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) assert.deepEqual([status, body.error], [400, 'invalid_grant']);
    ledger.spent(issued);
  });
  counts.sessions = await overAll(recentAnd(ledger.sessions, ledger.sessionsBefore), async ({ agent }) => {
    const arrival = await agent.goto(storm.authorizeUrl(randomBytes(32).toString('base64url'), { prompt: 'none' }));
    assert.equal(arrival.kind, 'callback', String(arrival));
    assert.ok(arrival.params.get('code'), `an acknowledged session is lost: ${arrival.url}`);
  });
  counts.users = await overAll(recentAnd(ledger.users, ledger.usersBefore), async (user) => {
    await storm.obtainCode(storm.newAgent(), { user });
  });
  counts.replayedCodes = await overAll(ledger.codesIn('redeemed').slice(0, ledger.codesIn('redeemed').length / 2), async (issued) => {
    const { status, body } = await storm.redeem(issued);
    assert.deepEqual([status, body.error], [400, 'invalid_grant'], 'an acknowledged redemption was forgotten: the code redeemed again');
    ledger.spent(issued);
  });
  return counts;
}

for (const database of databases) {
  describe(`killed in a storm on ${database}`, () => {
    const ledger = new Ledger();
    let installation;
    let storm;
    before(async () => {
      installation = await newInstallation(database, { label: `crash-${database}` });
      const client = await addClient(installation, 'default', { redirectUri: CALLBACK });
      await installation.start();
      storm = new Storm(installation, client, ledger);
      await storm.signUp();
    });
    after(() => installation?.destroy());
    for (let round = 1; round <= ROUNDS; round += 1) {
      it(`keeps everything acknowledged, kill ${round}`, async () => {
        ledger.roundBegins();
        await storm.rage();
        const acknowledged = ledger.counts();
        await installation.start();
        const verified = await verify(storm, ledger);
        console.log(JSON.stringify({ database, round, acknowledged, verified }));
        for (const kind of ['families', 'freshCodes', 'sessions', 'users', 'replayedCodes']) {
          assert.ok(verified[kind] > 0, `the round proved nothing about ${kind}`);
        }
      });
    }
  });
}
