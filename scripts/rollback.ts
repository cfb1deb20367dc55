// `npm run test:rollback`: can the release before this one come back, whatever of schema, code, events and contracts is new? docs/rollback.md.

import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { findPreviousReleases, HistoryMissing } from './rollback/previous-releases.ts';
import { runVitest } from './vitest-suite.ts';

const HELP = `npm run test:rollback [-- options]

  --previous v1.2.3   a tag, branch or commit; else the newest tag, and without one the states before each contract was changed last
  --help              this text

Exit codes: 0 every cell holds, 1 one does not, 64 wrong usage.`;

const EXIT = { done: 0, failed: 1, usage: 64 } as const;
const OPTIONS = { previous: { type: 'string' }, help: { type: 'boolean', default: false } } as const;

/** A failure for who named a release. */
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
  console.log(`\n${lines.filter((line) => line.startsWith('cell  ')).join('\n')}\n`);
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
