// `npm test`: every check before a merge, in one command. Each step runs even if an earlier one failed. The last lines show the
// result and duration of each.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';

const RESULTS = 'coverage/tests.json';

type Command = readonly [string, ...string[]];

/** These only read files, so they run beside the tests, with less priority. */
const STATIC_STEPS: Readonly<Record<string, Command>> = {
  types: ['npm', 'run', '--silent', 'types'],
  eslint: ['npx', 'eslint', '--max-warnings', '0', '.'],
  format: ['npx', 'prettier', '--check', '.'],
};

const TESTS: Command = [
  'npx',
  'vitest',
  'run',
  '--coverage',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${RESULTS}`,
];

type Outcome = { readonly name: string; readonly passed: boolean; readonly seconds: string; readonly output?: string };

const toOutcome = (name: string, start: number, [code]: readonly [number | null]): Outcome => ({
  name,
  passed: code === 0,
  seconds: ((performance.now() - start) / 1000).toFixed(1),
});

const shell = process.platform === 'win32';

/** Its output is shown as it comes. */
const runTests = async (): Promise<Outcome> => {
  const start = performance.now();
  const [command, ...args] = TESTS;
  const child = spawn(command, args, { stdio: 'inherit', shell });
  return toOutcome('tests', start, (await once(child, 'close')) as [number | null]);
};

/** Its output is collected. */
const runBeside = async (name: string, [command, ...args]: Command): Promise<Outcome> => {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], shell });
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  return { ...toOutcome(name, start, (await once(child, 'close')) as [number | null]), output };
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
console.log(`▶ tests, and beside them ${Object.keys(STATIC_STEPS).join(', ')}`);
const outcomes = await Promise.all([
  ...Object.entries(STATIC_STEPS).map(([name, command]) => runBeside(name, command)),
  runTests(),
]);

for (const { name, output } of outcomes) if (output?.trim()) console.log(`\n▶ ${name}\n${output.trimEnd()}`);
console.log();
for (const { name, passed, seconds } of outcomes)
  console.log(`${passed ? '✓' : '✗'} ${name.padEnd(6)} ${seconds.padStart(6)} s`);
const total = ((performance.now() - start) / 1000).toFixed(1);
console.log(`  total  ${total.padStart(6)} s\n`);
console.log(summarize(await countTests(), outcomes));
process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1;
