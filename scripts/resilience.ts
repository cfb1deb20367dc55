// `npm run test:resilience`: the reliability figures at full size, one line each, beside their targets. docs/resilience.md says what they mean.

import { parseArgs } from 'node:util';

import { runVitest } from './vitest-suite.ts';

const HELP = `npm run test:resilience [-- options]

  --only R3    one figure: R1, R2, R3, R5, R6, R8 or R9
  --seed N     the choices of an earlier run, which it printed
  --quick      as small as in npm test
  --help       this text

Takes about ten minutes in full. Exit codes: 0 every figure reaches its target, 1 one does not, 64 wrong usage.`;

const EXIT = { done: 0, failed: 1, usage: 64 } as const;
const OPTIONS = {
  only: { type: 'string' },
  seed: { type: 'string' },
  quick: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const readOptions = () => {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.only !== undefined && !/^R[1235689]$/.test(values.only))
    throw new Error(`There is no figure ${values.only}.`);
  if (values.seed !== undefined && !/^\d{1,9}$/.test(values.seed)) throw new Error(`${values.seed} is not a seed.`);
  return values;
};

const run = async ({ only, seed, quick }: ReturnType<typeof readOptions>): Promise<number> => {
  const file = only === undefined ? 'test/resilience/r' : `test/resilience/${only.toLowerCase()}-`;
  const scale = { RESILIENCE: quick ? 'quick' : 'full', ...(seed !== undefined && { SEED: seed }) };
  // one after the other: each wants the machine for itself
  const { lines, passed, failed } = await runVitest(['--project', 'resilience', '--no-file-parallelism', file], scale);
  const figures = lines.filter((line) => /^R\d {2}/.test(line)).toSorted((a, b) => (a < b ? -1 : 1));
  console.log(`\n${figures.join('\n')}\n`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? EXIT.done : EXIT.failed;
};

const main = async (): Promise<number> => {
  try {
    const options = readOptions();
    if (!options.help) return await run(options);
    console.log(HELP);
    return EXIT.done;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return EXIT.usage;
  }
};

process.exitCode = await main();
