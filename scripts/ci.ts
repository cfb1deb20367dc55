// What CI runs after the install: every suite that this machine can run, one after the other. Each ends with a line `N passed, N failed`; the last
// line sums them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';

const SUITES = ['test', 'test:postgres-versions', 'test:rollback'];

/** The lines with which Vitest names a test that failed, said once more at the end: what is above them is long. */
const FAILURE = /^ *FAIL .*/gm;

type Sum = { readonly passed: number; readonly failed: number; readonly skipped: number };

const COUNTS = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm; // eslint-disable-line security/detect-unsafe-regex -- our own lines

/** What the last such line of the output says; a suite that said nothing has failed. */
const countsOf = (output: string): Sum => {
  const [, passed, failed, skipped = 0] = [...stripVTControlCharacters(output).matchAll(COUNTS)].at(-1) ?? [];
  return passed === undefined
    ? { passed: 0, failed: 1, skipped: 0 }
    : { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
};

const failures = new Set<string>();

/** A suite that counted no failure and yet ended badly counts as one. */
const run = async (suite: string): Promise<Sum> => {
  console.log(`\n▶ npm run ${suite}`);
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- CI's own machine
  const child = spawn('npm', ['run', '--silent', suite], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      process.stdout.write(text);
      output += text.toString();
    });
  const [code] = (await once(child, 'close')) as [number | null];
  for (const [line] of stripVTControlCharacters(output).matchAll(FAILURE)) failures.add(line.trim());
  const counts = countsOf(output);
  return { ...counts, failed: code === 0 ? counts.failed : Math.max(1, counts.failed) };
};

const results = new Map<string, Sum>();
for (const suite of SUITES) results.set(suite, await run(suite));

const describe = ({ passed, failed, skipped }: Sum): string => `${passed} passed, ${failed} failed, ${skipped} skipped`;
const add = (a: Sum, b: Sum): Sum => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});
const total = [...results.values()].reduce(add, { passed: 0, failed: 0, skipped: 0 });
console.log();
for (const line of failures) console.log(line);
for (const [suite, counts] of results) console.log(`${counts.failed === 0 ? '✓' : '✗'} ${suite}: ${describe(counts)}`);
console.log(describe(total));
process.exitCode = total.failed === 0 ? 0 : 1;
