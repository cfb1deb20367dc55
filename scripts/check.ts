// `npm test`: every check before a merge, in one command. Each step runs even if an earlier one failed. The last lines show the
// result and duration of each.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';

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

const countTests = async (): Promise<Counts> =>
  JSON.parse(
    await readFile(RESULTS, 'utf8').catch(() => '{"numPassedTests":0,"numFailedTests":0,"numPendingTests":0}'),
  ) as Counts;

/** Counts all tests, and each other step as one. If the tests pass but the step fails, for example on coverage, that counts as one failure. */
const summarize = (tests: Counts, outcomes: readonly Outcome[]): string => {
  const others = outcomes.filter(({ name }) => name !== 'tests');
  const gateFailed = tests.numFailedTests === 0 && outcomes.some(({ name, passed }) => name === 'tests' && !passed);
  const passed = tests.numPassedTests + others.filter((outcome) => outcome.passed).length;
  const failed = tests.numFailedTests + others.filter((outcome) => !outcome.passed).length + (gateFailed ? 1 : 0);
  return `${passed} passed, ${failed} failed, ${tests.numPendingTests} skipped`;
};

await rm(RESULTS, { force: true });
const start = performance.now();
const outcomes: Outcome[] = [];
for (const [name, command] of Object.entries(STEPS)) outcomes.push(await run(name, command));

console.log();
for (const { name, passed, seconds } of outcomes)
  console.log(`${passed ? '✓' : '✗'} ${name.padEnd(6)} ${seconds.padStart(6)} s`);
const total = ((performance.now() - start) / 1000).toFixed(1);
console.log(`  total  ${total.padStart(6)} s\n`);
console.log(summarize(await countTests(), outcomes));
process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1;
