// What CI runs after the install: every suite that this machine can run, one after the other. Each ends with a line `N passed, N failed`; the last
// line sums them. Arguments name the suites that are wanted instead.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { env } from 'node:process';
import { stripVTControlCharacters } from 'node:util';

type Suite = { readonly name: string; readonly needs?: 'helm' | 'docker' | 'cluster'; readonly args?: string[] };

/** In this order: what needs an engine comes after what would otherwise use it. */
const SUITES: readonly Suite[] = [
  { name: 'test' },
  { name: 'test:postgres-versions' },
  { name: 'test:rollback' },
  { name: 'test:chart', needs: 'helm' },
  { name: 'test:image', needs: 'docker' },
  { name: 'test:compose', needs: 'docker' },
];

/** The lines with which Vitest names a test that failed, said once more at the end: what is above them is long. */
const FAILURE = /^ *FAIL .*/gm;

type Sum = { readonly passed: number; readonly failed: number; readonly skipped: number };

const NOTHING: Sum = { passed: 0, failed: 0, skipped: 0 };
const COUNTS = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm; // eslint-disable-line security/detect-unsafe-regex -- our own lines
const ENGINE = join(import.meta.dirname, '../.ci/engine');

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Asks .ci/engine for what a suite needs. @returns the variables that lead there, or why it can't be had */
const prepare = ({ name, needs }: Suite): Record<string, string> | string => {
  if (needs === undefined) return {};
  say(`\n▶ ${needs} for ${name}`);
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- CI's own machine
  const { status, stdout, stderr } = spawnSync('bash', [ENGINE, needs], { encoding: 'utf8', env });
  if (status !== 0) return stderr.trim().split('\n').at(-1) ?? '';
  const pairs = [...stdout.matchAll(/^(\w+)=(.*)$/gm)];
  return Object.fromEntries(pairs.map(([, variable = '', value = '']) => [variable, value]));
};

/** What the last such line of the output says; a suite that said nothing has failed. */
const countsOf = (output: string): Sum => {
  const [, passed, failed, skipped = 0] = [...stripVTControlCharacters(output).matchAll(COUNTS)].at(-1) ?? [];
  return passed === undefined
    ? { passed: 0, failed: 1, skipped: 0 }
    : { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
};

const failures = new Set<string>();

/** A suite that counted no failure and yet ended badly counts as one. */
const run = async ({ name, args = [] }: Suite, variables: Record<string, string>): Promise<Sum> => {
  say(`\n▶ npm run ${name}`);
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- CI's own machine
  const child = spawn('npm', ['run', '--silent', name, ...(args.length > 0 ? ['--', ...args] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, ...variables },
  });
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

const describe = ({ passed, failed, skipped }: Sum): string => `${passed} passed, ${failed} failed, ${skipped} skipped`;
const add = (a: Sum, b: Sum): Sum => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

const report: string[] = [];
let total = NOTHING;
const wanted = new Set(process.argv.slice(2));
for (const suite of SUITES.filter(({ name }) => wanted.size === 0 || wanted.has(name))) {
  const start = performance.now();
  const variables = prepare(suite);
  if (typeof variables === 'string') {
    report.push(`– ${suite.name}: not run, because ${variables}`);
    continue;
  }
  const counts = await run(suite, variables);
  const minutes = ((performance.now() - start) / 60_000).toFixed(1);
  report.push(`${counts.failed === 0 ? '✓' : '✗'} ${suite.name}: ${describe(counts)} (${minutes} min)`);
  total = add(total, counts);
}
spawnSync('bash', [ENGINE, 'down'], { stdio: 'ignore' }); // eslint-disable-line sonarjs/no-os-command-from-path -- as above
say(['', ...failures, ...report, describe(total)].join('\n'));
process.exitCode = total.failed === 0 ? 0 : 1;
