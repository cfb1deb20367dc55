// `npm run test:compose`, `test:image`, `test:chart`: one suite of vitest.engine.config.ts, and a last line that counts. Further arguments go to Vitest.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Counts = { readonly numPassedTests: number; readonly numFailedTests: number; readonly numPendingTests: number };

const [suite = '', ...further] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'user-service-suite-'));
const results = join(folder, 'tests.json');
const args = ['vitest', 'run', '--config', 'vitest.engine.config.ts', '--project', suite];
const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${results}`];
// eslint-disable-next-line sonarjs/no-os-command-from-path -- a developer's own machine
const child = spawn('npx', [...args, ...reporters, ...further], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
const [code] = (await once(child, 'exit')) as [number | null];

const none: Counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
const counts = await readFile(results, 'utf8').then(
  (text) => JSON.parse(text) as Counts,
  () => none,
);
await rm(folder, { recursive: true });
// a set-up that failed counted nothing
const failed = code === 0 ? counts.numFailedTests : Math.max(1, counts.numFailedTests);
console.log(`${counts.numPassedTests} passed, ${failed} failed, ${counts.numPendingTests} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
