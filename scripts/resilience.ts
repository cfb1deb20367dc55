// `npm run test:resilience`: runs the resilience tests at full size and prints each figure with its target. docs/resilience.md describes them.

import { EXIT, parseOptions, rejectArgument, runCommandLine, UsageError } from '../src/composition/command-line.ts';
import { runVitest } from './vitest-suite.ts';

const HELP = `npm run test:resilience [-- options]

  --only R3    run one test: R1, R2, R3, R5, R6, R8 or R9
  --seed N     repeat the random choices of an earlier run, which printed its seed
  --quick      reduced size, as in npm test
  --help       show this help

A full run takes about ten minutes. Exit codes: 0 all targets met, 1 a target missed, 64 invalid usage.`;

const OPTIONS = {
  only: { type: 'string' },
  seed: { type: 'string' },
  quick: { type: 'boolean', default: false },
} as const;

const readOptions = (args: readonly string[]) => {
  const { values, positionals } = parseOptions(args, OPTIONS);
  rejectArgument(positionals[0]);
  if (values.only !== undefined && !/^R[1235689]$/.test(values.only))
    throw new UsageError(`--only ${values.only} is unknown.`);
  if (values.seed !== undefined && !/^\d{1,9}$/.test(values.seed))
    throw new UsageError(`--seed ${values.seed} is not a number of up to nine digits.`);
  return values;
};

const run = async ({ only, seed, quick }: ReturnType<typeof readOptions>): Promise<number> => {
  const file = only === undefined ? 'test/resilience/r' : `test/resilience/${only.toLowerCase()}-`;
  const scale = { RESILIENCE: quick ? 'quick' : 'full', ...(seed !== undefined && { SEED: seed }) };
  // in sequence, so that the tests do not affect each other's figures
  const { lines, passed, failed } = await runVitest(['--project', 'resilience', '--no-file-parallelism', file], scale);
  const figures = lines.filter((line) => /^R\d {2}/.test(line)).toSorted((a, b) => (a < b ? -1 : 1));
  console.log(`\n${figures.join('\n')}\n`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? EXIT.done : EXIT.failed;
};

process.exitCode = await runCommandLine(HELP, (args) => run(readOptions(args)));
