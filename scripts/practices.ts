// `npm run practices`: the practice index in a terminal. docs/practices.md has the same with links.

import { parseOptions, rejectArgument, runCommandLine } from '../src/composition/command-line.ts';
import { isShown, type Practice } from './docs/practice.ts';
import { countsOf, measure } from './docs/practices-page.ts';
import { PRACTICES } from './docs/practices.ts';

const HELP = `Usage: npm run practices [-- options]

Prints each practice with its status, the number of files to copy and the most there may be, the file to start with and its test.

  --help   this text

Exit codes: 0 printed, 64 wrong usage.`;

const HEADINGS = ['#', 'practice', 'status', 'files', 'start here', 'test'];

const row = (practice: Practice): string[] => {
  const { original, title, status } = practice;
  const named = [String(original ?? ''), title, status];
  if (!isShown(practice)) return [...named, '–', '–', '–'];
  const { maxFiles, start, test = '–' } = practice;
  const files = measure(practice).files.length;
  return [...named, files === 0 ? '–' : `${files}/${maxFiles}`, start, test];
};

/** Columns as wide as their longest cell. */
const aligned = (rows: readonly (readonly string[])[]): string[] => {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((cells) => cells.at(column)?.length ?? 0)));
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths.at(column) ?? 0))
      .join('  ')
      .trimEnd(),
  );
};

await runCommandLine(HELP, (args) => {
  rejectArgument(parseOptions(args, {}).positionals[0]);
  console.log([...aligned([HEADINGS, ...PRACTICES.map(row)]), '', countsOf(PRACTICES)].join('\n'));
});
