// Runs the test suites of CI in order, as far as this machine supports them. Each suite ends with a line `N passed, N failed`; the last line
// of the output is the total. Arguments select suites by name. A suite that this machine does not support is reported as "not run", unless
// REQUIRE_SUITES names it: then the build fails, and also when all of its tests were skipped. The workflows on GitHub name all that they run.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { env } from 'node:process';
import { stripVTControlCharacters } from 'node:util';

import { variable } from '../src/config/environment.ts';
import { failuresOf } from './failures-of.ts';
import { endProvided, provide, type Need } from './provide.ts';

type Suite = {
  readonly name: string;
  readonly needs?: Need | readonly Need[];
  readonly args?: string[];
  /** It waits more than it works: the suites after it run meanwhile, up to the first one with Docker. Its output is printed when it has ended. */
  readonly beside?: true;
};

/** A few phases with less load, for builds on small machines; `npm run test:cluster` runs all. */
const SOME_PHASES = ['--rate', '50', '--phases', 'upgrade,rollback,evictions,wrong-password'];

/** The order matters: once Docker has been started for a suite, later suites would use it for their servers too. */
const SUITES: readonly Suite[] = [
  { name: 'test' },
  { name: 'test:vault', needs: 'vault', beside: true },
  { name: 'test:postgres-versions' },
  { name: 'test:rollback' },
  { name: 'test:telemetry', needs: 'prometheus' },
  { name: 'test:tls' },
  { name: 'test:restore', needs: 'postgres' },
  { name: 'test:gameday', needs: 'prometheus' },
  { name: 'test:rotation', needs: 'vault', args: ['--patient', '--mode', 'dynamic'] },
  { name: 'test:chart', needs: 'helm' },
  { name: 'test:slo', needs: 'prometheus' },
  { name: 'test:secrets', needs: ['sops', 'gitleaks', 'helm'] }, // after suites that take minutes: sops is built meanwhile
  { name: 'test:image', needs: 'docker' },
  { name: 'test:compose', needs: 'docker' },
  { name: 'test:gameday:compose', needs: ['docker', 'prometheus'] },
  { name: 'test:cluster', needs: 'cluster', args: SOME_PHASES },
  { name: 'test:delivery', needs: 'cluster' },
  { name: 'test:network', needs: 'cluster' }, // with the image that test:delivery has loaded into the nodes
  { name: 'test:vault:kubernetes', needs: ['cluster', 'vault', 'injector'] },
  { name: 'test:gameday:cluster', needs: 'cluster' },
];

type Sum = { readonly passed: number; readonly failed: number; readonly skipped: number };

const NOTHING: Sum = { passed: 0, failed: 0, skipped: 0 };
const COUNTS = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm; // eslint-disable-line security/detect-unsafe-regex -- lines of our own scripts

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** @returns environment variables, or the reason why what the suite needs is not available */
const prepare = ({ name, needs = [] }: Suite): Record<string, string> | string => {
  let variables: Record<string, string> = {};
  for (const need of [needs].flat()) {
    print(`\n▶ ${need} for ${name}`);
    const provided = provide(need);
    if (typeof provided === 'string') return provided;
    variables = { ...variables, ...provided };
  }
  return variables;
};

/** The counts in the last matching line of the output. A suite without one has failed. */
const countsOf = (output: string): Sum => {
  const [, passed, failed, skipped = 0] = [...stripVTControlCharacters(output).matchAll(COUNTS)].at(-1) ?? [];
  return passed === undefined
    ? { passed: 0, failed: 1, skipped: 0 }
    : { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
};

/** Repeated at the end of the output. */
const failures = new Set<string>();

/** A non-zero exit code counts as at least one failure. */
const run = async ({ name, args = [], beside }: Suite, variables: Record<string, string>): Promise<Sum> => {
  print(`\n▶ npm run ${name}${beside ? ', beside the suites after it' : ''}`);
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- runs in CI
  const child = spawn('npm', ['run', '--silent', name, ...(args.length > 0 ? ['--', ...args] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...env, ...variables },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      if (!beside) process.stdout.write(text);
      output += text.toString();
    });
  const [code] = (await once(child, 'close')) as [number | null];
  if (beside) print(`\n▶ npm run ${name}, its output\n${output}`);
  for (const failure of failuresOf(stripVTControlCharacters(output))) failures.add(failure);
  const counts = countsOf(output);
  return { ...counts, failed: code === 0 ? counts.failed : Math.max(1, counts.failed) };
};

const describe = ({ passed, failed, skipped }: Sum): string => `${passed} passed, ${failed} failed, ${skipped} skipped`;
const add = (a: Sum, b: Sum): Sum => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** Names separated by spaces. */
const required = new Set((variable(env, 'REQUIRE_SUITES') ?? '').split(' ').filter(Boolean));
const selected = new Set(process.argv.slice(2));
const unknown = [...required, ...selected].filter((name) => !SUITES.some((suite) => suite.name === name));
if (unknown.length > 0) throw new Error(`There is no suite ${unknown.join(', ')}.`);

type Result = { readonly line: string; readonly counts: Sum };

const notRun = ({ name }: Suite, reason: string): Result => ({
  line: `${required.has(name) ? '✗' : '–'} ${name}: not run: ${reason}`,
  counts: { ...NOTHING, failed: required.has(name) ? 1 : 0 },
});

const measure = async (suite: Suite, variables: Record<string, string>): Promise<Result> => {
  const start = performance.now();
  const ran = await run(suite, variables);
  const counts = required.has(suite.name) && ran.passed === 0 ? { ...ran, failed: Math.max(1, ran.failed) } : ran;
  const minutes = ((performance.now() - start) / 60_000).toFixed(1);
  return { line: `${counts.failed === 0 ? '✓' : '✗'} ${suite.name}: ${describe(counts)} (${minutes} min)`, counts };
};

const usesDocker = ({ needs = [] }: Suite): boolean =>
  [needs].flat().some((need) => need === 'docker' || need === 'cluster');

const results: Promise<Result>[] = [];
for (const suite of SUITES.filter(({ name }) => selected.size === 0 || selected.has(name))) {
  if (usesDocker(suite)) await Promise.all(results);
  const variables = prepare(suite);
  const result = typeof variables === 'string' ? Promise.resolve(notRun(suite, variables)) : measure(suite, variables);
  results.push(result);
  if (!suite.beside) await result;
}
const ended = await Promise.all(results);
endProvided();
const total = ended.map(({ counts }) => counts).reduce(add, NOTHING);
print(['', ...failures, ...ended.map(({ line }) => line), describe(total)].join('\n'));
process.exitCode = total.failed === 0 ? 0 : 1;
