// `npm run test:rollback`: checks that this release can be rolled back to the previous one: schema, code, events and contracts. docs/rollback.md.

import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { findPreviousReleases, HistoryMissing } from './rollback/previous-releases.ts';
import { runVitest } from './vitest-suite.ts';

const HELP = `npm run test:rollback [-- options]

  --previous v1.2.3   tag, branch or commit of the previous release. Default: the newest tag or,
                      without tags, the commits before the last change of each contract
  --help              show this help

Exit codes: 0 all checks passed, 1 a check failed, 64 invalid usage.`;

const EXIT = { done: 0, failed: 1, usage: 64 } as const;
const OPTIONS = { previous: { type: 'string' }, help: { type: 'boolean', default: false } } as const;

/** Missing history is a failure only if a release was requested explicitly. */
const withoutHistory = ({ message }: HistoryMissing, previous: string | undefined): number => {
  console.log(message);
  console.log(previous === undefined ? '0 passed, 0 failed, 1 skipped' : '0 passed, 1 failed');
  return previous === undefined ? EXIT.done : EXIT.failed;
};

const run = async (previous: string | undefined): Promise<number> => {
  try {
    await findPreviousReleases(join(import.meta.dirname, '..'), previous);
  } catch (error) {
    if (error instanceof HistoryMissing) return withoutHistory(error, previous);
    throw error;
  }
  const args = ['--config', 'test/rollback/vitest.config.ts'];
  const { lines, passed, failed } = await runVitest(args, previous === undefined ? {} : { PREVIOUS: previous });
  console.log(`\n${lines.filter((line) => line.startsWith('check  ')).join('\n')}\n`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? EXIT.done : EXIT.failed;
};

const main = async (): Promise<number> => {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    if (!values.help) return await run(values.previous);
    console.log(HELP);
    return EXIT.done;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return EXIT.usage;
  }
};

process.exitCode = await main();
