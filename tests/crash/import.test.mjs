// Kills an import with SIGKILL in the middle of its work, and resumes it: in the end every user of the file is
// there exactly once.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { binary } from '../harness/binary.mjs';
import { databases, newInstallation } from '../harness/databases.mjs';

const USERS = Number(process.env.AUTHFLOW_CRASH_IMPORT ?? 20_000);
/** At least so often the kill must have come while users were being made. */
const KILLS = 2;

const email = (number) => `user-${number}@import.example`;

for (const database of databases) {
  describe(`a killed import on ${database}`, () => {
    let installation;
    let file;

    before(async () => {
      installation = await newInstallation(database, { label: `crash-import-${database}` });
      file = join(installation.dir, 'users.jsonl');
      const line = (number) => JSON.stringify({ email: email(number), email_verified: true, profile: { name: `User ${number}` } });
      writeFileSync(file, `${Array.from({ length: USERS }, (_, number) => line(number)).join('\n')}\n`);
    });
    after(() => installation?.destroy());

    /** Starts the import; gives how it ended, killed when `ms` are over. */
    function attempt(ms) {
      const args = ['user', 'import', '--tenant', 'default', file, '--resume', '--json', ...installation.storageArgs()];
      const env = Object.fromEntries(Object.entries({ ...process.env, ...installation.env }).filter(([name]) => !name.startsWith('AUTHFLOW_') || name in installation.env));
      const child = spawn(binary, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { output += chunk; });
      const timer = setTimeout(() => child.kill('SIGKILL'), ms);
      return new Promise((done) => { child.once('exit', (code, signal) => { clearTimeout(timer); done({ code, signal, output }); }); });
    }

    async function users() {
      const lines = (await installation.cli('user', 'export', '--tenant', 'default')).split('\n').filter(Boolean);
      return lines.map((line) => JSON.parse(line)).flatMap((user) => user.identifiers.map((each) => each.value)).filter((each) => each.endsWith('@import.example'));
    }

    it('is finished by resuming it, with every user exactly once', async () => {
      const seen = [];
      let wait = 400;
      for (let tries = 0; seen.length < KILLS && tries < 40; tries += 1) {
        const ended = await attempt(wait);
        if (ended.signal !== 'SIGKILL') {
          assert.equal(ended.code, 0, ended.output);
          break;
        }
        const count = (await users()).length;
        if (count > (seen.at(-1) ?? 0) && count < USERS) seen.push(count);
        else wait += 200;
      }
      console.log(`  killed with ${seen.join(', ')} of ${USERS} users made`);
      assert.ok(seen.length >= 1, 'the import was killed in the middle');
      const ended = await attempt(600_000);
      assert.equal(ended.code, 0, ended.output);
      const summary = JSON.parse(ended.output.slice(ended.output.indexOf('{')));
      assert.ok(summary.resumed_after > 0, `it went on where it was: ${ended.output}`);
      const all = await users();
      assert.equal(all.length, USERS);
      assert.equal(new Set(all).size, USERS);
      assert.ok(all.includes(email(0)) && all.includes(email(USERS - 1)));
    });
  });
}
