// What the tracer adds to SQL statements, so that Datadog joins a statement of the server with the service: read back from a real server.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { TestDatabase } from '../../support/test-database.ts';
import { usePool } from '../../support/use-pool.ts';

const root = join(import.meta.dirname, '../../..');
let database: TestDatabase;
usePool((made) => (database = made.database));

/** A named statement twice, as all of the service's are, and one without a name; prints what the server has read. */
const PROGRAM = `
  import pg from '${root}/node_modules/pg/lib/index.js';
  const client = new pg.Client(process.env.URL);
  await client.connect();
  const ask = async (statement) => (await client.query(statement)).rows[0].text;
  const named = { name: 'named', text: 'SELECT current_query() AS text' };
  console.log(JSON.stringify([await ask(named), await ask(named), await ask('SELECT current_query() AS text')]));
  process.exit(0);
`;

const textsWith = async (env: Record<string, string>): Promise<string[]> => {
  const preload = join(root, 'src/observability/tracer.ts');
  const child = spawn(process.execPath, ['--import', preload, '--input-type=module', '--eval', PROGRAM], {
    cwd: root,
    env: { URL: database.adminUrl, DD_TRACE_AGENT_URL: 'http://localhost:9', DD_ENV: 'an-env', ...env },
  });
  let stdout = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  await once(child, 'close');
  return JSON.parse(stdout) as string[];
};

it('is a comment with service and environment, the same for each run of a statement', async () => {
  const [first = '', second, unnamed] = await textsWith({});
  expect(first).toMatch(/^\/\*.*\*\/ SELECT current_query/);
  expect(first).toContain("dde='an-env'");
  expect(first).toContain("ddps='user-service'");
  expect([second, unnamed]).toEqual([first, first]);
}, 20_000);

it('never holds a trace id in a named statement, whose text must not change: `full` is `service` for it', async () => {
  const [first = '', second, unnamed] = await textsWith({ DD_DBM_PROPAGATION_MODE: 'full' });
  expect(first).not.toContain('traceparent');
  expect(second).toBe(first);
  expect(unnamed).toContain('traceparent');
}, 20_000);

it('is nothing when it is disabled', async () => {
  const [first] = await textsWith({ DD_DBM_PROPAGATION_MODE: 'disabled' });
  expect(first).toBe('SELECT current_query() AS text');
}, 20_000);
