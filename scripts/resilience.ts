// `npm run test:resilience`: the reliability figures at full size, one line each, beside their targets. docs/resilience.md says what they mean.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { env } from 'node:process';
import { parseArgs, stripVTControlCharacters } from 'node:util';

const HELP = `npm run test:resilience [-- options]

  --only R3    one figure: R1, R2, R3, R5, R6 or R8
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
  if (values.only !== undefined && !/^R[123568]$/.test(values.only))
    throw new Error(`There is no figure ${values.only}.`);
  if (values.seed !== undefined && !/^\d{1,9}$/.test(values.seed)) throw new Error(`${values.seed} is not a seed.`);
  return values;
};

const run = async ({ only, seed, quick }: ReturnType<typeof readOptions>): Promise<number> => {
  const file = only === undefined ? 'test/resilience/r' : `test/resilience/${only.toLowerCase()}-`;
  const scale = { RESILIENCE: quick ? 'quick' : 'full', ...(seed !== undefined && { SEED: seed }) };
  // one after the other: each wants the machine for itself
  const args = ['vitest', 'run', '--project', 'resilience', '--no-file-parallelism', '--reporter=default', file];
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- a developer's own machine
  const child = spawn('npx', args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...env, ...scale } });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text);
    output += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = stripVTControlCharacters(output).split('\n');
  const figures = lines.filter((line) => /^R\d {2}/.test(line)).toSorted((a, b) => (a < b ? -1 : 1));
  const summary = lines.findLast((line) => line.trimStart().startsWith('Tests ')) ?? '';
  const failed = /\b(\d{1,5}) failed/.exec(summary)?.[1] ?? '0';
  const passed = /\b(\d{1,5}) passed/.exec(summary)?.[1] ?? '0';
  console.log(`\n${figures.join('\n')}\n`);
  console.log(`${passed} passed, ${code === 0 ? failed : String(Math.max(1, Number(failed)))} failed`);
  return code === 0 ? EXIT.done : EXIT.failed;
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
