// `npm test`: everything that has to hold before a change is merged, in one command. Each step runs although an earlier one
// failed; the last lines say how long each took and how it ended.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

const RESULTS = 'coverage/tests.json';

const STEPS = {
  types: ['npm', 'run', '--silent', 'types'],
  lint: ['npm', 'run', '--silent', 'lint'],
  tests: [
    'npx',
    'vitest',
    'run',
    '--coverage',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${RESULTS}`,
  ],
} as const satisfies Record<string, readonly [string, ...string[]]>;

type Outcome = { readonly name: string; readonly passed: boolean; readonly seconds: string };

const run = async (name: string, [command, ...args]: readonly [string, ...string[]]): Promise<Outcome> => {
  console.log(`\n▶ ${name}`);
  const start = performance.now();
  const child = spawn(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return { name, passed: code === 0, seconds: ((performance.now() - start) / 1000).toFixed(1) };
};

type Counts = { numPassedTests: number; numFailedTests: number; numPendingTests: number };

const countTests = async (): Promise<string> => {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(await readFile(RESULTS, 'utf8')) as Counts;
  return `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`;
};

const start = performance.now();
const outcomes: Outcome[] = [];
for (const [name, command] of Object.entries(STEPS)) outcomes.push(await run(name, command));

console.log();
for (const { name, passed, seconds } of outcomes)
  console.log(`${passed ? '✓' : '✗'} ${name.padEnd(6)} ${seconds.padStart(6)} s`);
const total = ((performance.now() - start) / 1000).toFixed(1);
console.log(`  total  ${total.padStart(6)} s · tests: ${await countTests().catch(() => 'did not run')}`);
process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1;
