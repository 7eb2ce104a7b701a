// Runs the real `authflow` binary: one-shot commands and long-running servers.

import { execFile, spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const repoRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Where logs and screenshots of a run are kept; git-ignored. */
export const artifacts = resolve(process.env.AUTHFLOW_TEST_ARTIFACTS ?? join(repoRoot, 'test-artifacts'));

/** The binary under test: `AUTHFLOW_BIN`, else the debug build. */
export const binary = resolve(process.env.AUTHFLOW_BIN ?? join(repoRoot, 'target/debug/authflow'));

if (!existsSync(binary)) {
  throw new Error(`no binary at \`${binary}\`: run \`cargo build\` or set AUTHFLOW_BIN`);
}

/** Ports nobody listens on right now. */
export async function freePorts(count) {
  const held = await Promise.all(
    Array.from({ length: count }, () => new Promise((done, fail) => {
      const socket = createServer().once('error', fail);
      socket.listen(0, '127.0.0.1', () => done(socket));
    })),
  );
  const ports = held.map((socket) => socket.address().port);
  await Promise.all(held.map((socket) => new Promise((done) => { socket.close(done); })));
  return ports;
}

/** Variables that would change what the binary does are never inherited. */
function cleanEnvironment(extra) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('AUTHFLOW_'));
  return { ...Object.fromEntries(inherited), ...extra };
}

/**
 * One installation on disk: a data folder, a database, and the commands that work on it.
 * `databaseUrl` null means the default (SQLite in the data folder).
 */
export class Installation {
  constructor({ databaseUrl = null, env = {}, label = 'authflow', cleanUp = async () => {} } = {}) {
    this.dir = mkdtempSync(join(tmpdir(), 'authflow-test-'));
    this.databaseUrl = databaseUrl;
    this.env = env;
    this.label = label;
    this.cleanUp = cleanUp;
    this.server = null;
  }

  storageArgs() {
    return ['--data', this.dir, ...(this.databaseUrl ? ['--database-url', this.databaseUrl] : [])];
  }

  /** Runs a command to its end and gives its stdout; a failure carries its stderr. */
  async cli(...args) {
    try {
      const { stdout } = await run(binary, [...args, ...this.storageArgs()], {
        env: cleanEnvironment(this.env),
        maxBuffer: 16 << 20,
      });
      return stdout;
    } catch (error) {
      throw new Error(`\`authflow ${args.join(' ')}\` failed (${error.code}): ${error.stderr || error.message}`);
    }
  }

  /** Runs a command with `--json` and parses the one object that it prints. */
  async json(...args) {
    const text = await this.cli(...args, '--json');
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`\`authflow ${args.join(' ')} --json\` did not print one JSON object: ${text}`);
    }
  }

  /** Starts `authflow serve` and waits until it is ready. Ports stay the same over restarts. */
  async start(extraArgs = []) {
    if (!this.ports) this.ports = await freePorts(2);
    const [port, adminPort] = this.ports;
    this.baseUrl = `http://localhost:${port}`;
    this.adminUrl = `http://127.0.0.1:${adminPort}`;
    const args = ['serve', ...this.storageArgs(), '--listen', `127.0.0.1:${port}`,
      '--admin-listen', `127.0.0.1:${adminPort}`, '--base-url', this.baseUrl, ...extraArgs];
    this.server = await startProcess(args, { env: this.env, label: this.label, ready: `${this.adminUrl}/readyz` });
    return this;
  }

  issuer(tenant) {
    return tenant === 'default' ? this.baseUrl : `${this.baseUrl}/t/${tenant}`;
  }

  /** Kills at once, as a power cut would: nothing is flushed, nothing drains. */
  async kill9() {
    await this.server.stop('SIGKILL');
  }

  async stop() {
    await this.server?.stop('SIGTERM');
    this.server = null;
  }

  async destroy() {
    await this.server?.stop('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
    await this.cleanUp();
  }
}

/** Starts the binary and waits for `ready` to answer 200; its output goes to a log file among the artefacts. */
export async function startProcess(args, { env = {}, label, ready, timeoutMs = 60_000 }) {
  mkdirSync(join(artifacts, 'servers'), { recursive: true });
  const logPath = join(artifacts, 'servers', `${label}.log`);
  const log = createWriteStream(logPath, { flags: 'a' });
  const child = spawn(binary, args, { env: cleanEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      log.write(chunk);
      if (output.length < 65_536) output += chunk;
    });
  }
  const exited = new Promise((done) => { child.once('exit', (code, signal) => done({ code, signal })); });
  let ended = null;
  exited.then((how) => { ended = how; });

  const server = {
    pid: child.pid,
    logPath,
    output: () => output,
    exited,
    async stop(signal) {
      if (!ended) child.kill(signal);
      const how = await exited;
      log.end();
      return how;
    },
  };
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (ended) throw new Error(`\`authflow ${args[0]}\` ended (${ended.code ?? ended.signal}) before it was ready:\n${output}`);
    if (await answersOk(ready)) return server;
    if (Date.now() > deadline) {
      await server.stop('SIGKILL');
      throw new Error(`\`authflow ${args[0]}\` was not ready after ${timeoutMs} ms:\n${output}`);
    }
    await new Promise((done) => { setTimeout(done, 20); });
  }
}

async function answersOk(url) {
  try {
    const answer = await fetch(url);
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
