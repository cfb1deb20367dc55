// What `npm run docs` writes in runbooks/: the tables of the index, and who is called in each page.

import { escalationText } from '../oncall/runbook-escalation.ts';
import { environmentTable, indexTables } from './index-page.ts';
import { readRunbook } from './runbook.ts';
import { loadRunbook, runbookNames } from './runbooks.ts';

/** @throws Error for a page without the markers */
const between = (page: string, name: string, text: string): string => {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [start, stop] = [page.indexOf(begin), page.indexOf(end)];
  if (start < 0 || stop < start) throw new Error(`the page has no ${begin} before ${end}`);
  return `${page.slice(0, start + begin.length)}\n\n${text}\n\n${page.slice(stop)}`;
};

const indexPage = (current: string): string =>
  between(
    between(current, 'environment', environmentTable()),
    'runbooks',
    indexTables(runbookNames().map(loadRunbook)),
  );

const withEscalation =
  (name: string) =>
  (current: string): string =>
    between(current, 'escalation', escalationText(readRunbook(name, current)));

/** Paths and how each is written again from its current text. */
export const runbookDocuments = (): Readonly<Record<string, (current: string) => string>> => ({
  'runbooks/README.md': indexPage,
  ...Object.fromEntries(runbookNames().map((name) => [`runbooks/${name}.md`, withEscalation(name)])),
});
