// The databases a run covers: SQLite always, PostgreSQL when AUTHFLOW_TEST_POSTGRES_URL names a cluster.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { Installation } from './binary.mjs';
import { RELAXED_LIMITS } from './provision.mjs';

const run = promisify(execFile);
const clusterUrl = process.env.AUTHFLOW_TEST_POSTGRES_URL;

if (!clusterUrl && process.env.AUTHFLOW_TEST_REQUIRE_POSTGRES) {
  throw new Error('PostgreSQL is required by this run: set AUTHFLOW_TEST_POSTGRES_URL (scripts/postgres starts a private cluster)');
}

/** Names of the databases of this run. */
export const databases = clusterUrl ? ['sqlite', 'postgres'] : ['sqlite'];
if (!clusterUrl) console.error('PostgreSQL is NOT covered by this run: AUTHFLOW_TEST_POSTGRES_URL is not set');

async function psql(statement) {
  await run('psql', ['--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', '--command', statement, clusterUrl]);
}

/** Where the PostgreSQL cluster of this run is. */
export const cluster = clusterUrl ? new URL(clusterUrl) : null;

/**
 * A fresh, migrated installation on the named database. On PostgreSQL it has a database of its own; `port` is where the
 * server reaches the cluster when that is not its own port.
 */
export async function newInstallation(database, options = {}) {
  const label = options.label ?? `authflow-${database}`;
  let storage = {};
  if (database === 'postgres') {
    const name = `authflow_test_${randomBytes(6).toString('hex')}`;
    await psql(`CREATE DATABASE ${name}`);
    const url = new URL(clusterUrl);
    url.pathname = `/${name}`;
    if (options.port) url.port = options.port;
    storage = { databaseUrl: url.href, cleanUp: () => psql(`DROP DATABASE ${name} WITH (FORCE)`) };
  }
  const installation = new Installation({ ...options, ...storage, label, env: { ...RELAXED_LIMITS, ...options.env } });
  await installation.cli('migrate');
  return installation;
}
