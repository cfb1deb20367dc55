// docs/practices.md and the table of README.md, from practices.ts.

import { posix } from 'node:path';

import { closureOf } from './closure.ts';
import { commandOf, isShown, missingOf, type Practice, type Shown } from './practice.ts';
import { PRACTICES } from './practices.ts';
import { filesOf, repository } from './repository.ts';

const PAGE = 'docs/practices.md';

const HEAD = `# Practices

<!-- Written by \`npm run docs\` from scripts/docs/practices.ts; a test fails when the two differ. -->

What this service shows, and what to copy. The first nineteen are what the project set out to show; the others are what a production service needs beside them.
*Copy these* is computed: the entry files and everything that they import, types included. \`npm run practices\` prints this table in a terminal.
`;

/** As GitHub makes the anchor of a heading. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

const linkTo = (path: string, text = path): string => `[${text}](${posix.relative(posix.dirname(PAGE), path)})`;

const nameOf = (path: string): string => posix.basename(path);

export type Measured = { readonly files: readonly string[]; readonly packages: readonly string[] };

/** What copying a practice takes. */
export const measure = ({ copy, packages = [] }: Shown): Measured => {
  const closure = closureOf(filesOf(copy, repository), repository.read);
  return { files: [...closure.files.keys()], packages: [...new Set([...closure.packages, ...packages])] };
};

export const countsOf = (practices: readonly Practice[]): string => {
  const count = (status: Practice['status']): number => practices.filter((one) => one.status === status).length;
  return `${count('done')} done, ${count('partly')} partly, ${count('open')} open`;
};

const summaryRow = (practice: Practice): string => {
  const { original, title, status } = practice;
  const [start, test] = isShown(practice) ? [practice.start, practice.test] : [undefined, undefined];
  const link = (path: string | undefined): string => (path === undefined ? '–' : linkTo(path, nameOf(path)));
  return `| ${original ?? ''} | [${title}](#${anchorOf(title)}) | ${status} | ${link(start)} | ${link(test)} |`;
};

const code = (text: string): string => `\`${text}\``;

const listed = (heading: string, files: readonly string[]): string[] =>
  files.length === 0 ? [] : [heading, '', ...files.map((path) => `- ${linkTo(path)}`), ''];

const details = (practice: Shown): string[] => {
  const { test, page, maxFiles, because } = practice;
  const command = commandOf(practice);
  const { files, packages } = measure(practice);
  const reason = because === undefined ? '' : `: ${because}`;
  return [
    `- **Start here:** ${linkTo(practice.start)}`,
    ...(test === undefined ? [] : [`- **Test:** ${linkTo(test)}`]),
    ...(packages.length === 0 ? [] : [`- **Packages:** ${packages.map(code).join(', ')}`]),
    ...(command === undefined ? [] : [`- **Command:** ${code(command)}`]),
    `- **Page:** ${linkTo(page)}`,
    '',
    ...listed(`**Copy these** (${files.length} of at most ${maxFiles} files${reason})`, files),
    ...listed('**Beside them**', filesOf(practice.also ?? [], repository)),
  ];
};

const section = (practice: Practice): string => {
  const missing = missingOf(practice);
  const number = practice.original === undefined ? '' : `Practice ${practice.original}, `;
  return [
    `## ${practice.title}`,
    '',
    `*${number}${practice.status}.* ${practice.problem}`,
    '',
    ...(missing === undefined ? [] : [`**Missing:** ${missing}`, '']),
    ...(isShown(practice) && practice.note !== undefined ? [practice.note, ''] : []),
    ...(isShown(practice) ? details(practice) : []),
  ].join('\n');
};

export const practicesPage = (): string =>
  [
    HEAD,
    `${countsOf(PRACTICES)}.`,
    '',
    '| # | practice | status | start here | test |',
    '| --- | --- | --- | --- | --- |',
    ...PRACTICES.map(summaryRow),
    '',
    ...PRACTICES.map(section),
  ].join('\n');

const BLOCK = /(<!-- practices -->\n).*?(<!-- \/practices -->)/s;

const readmeRow = (practice: Practice): string => {
  const [start, test] = isShown(practice) ? [practice.start, practice.test] : [undefined, undefined];
  const link = (text: string, path: string | undefined): string => (path === undefined ? '–' : `[${text}](${path})`);
  const { original, title, status } = practice;
  return `| ${original ?? ''} | ${title} | ${link('code', start)} | ${link('test', test)} | ${status} |`;
};

const WIDTH = 180;

const sectionLink = ({ title, status }: Practice): string => {
  const remark = status === 'done' ? '' : ` (${status})`;
  return `[${title}](${PAGE}#${anchorOf(title)})${remark}`;
};

/** Words with spaces between them, as lines of limited length. */
const wrap = (words: readonly string[]): string[] =>
  words.reduce<string[]>((lines, word) => {
    const line = `${lines.at(-1) ?? ''} ${word}`;
    return lines.length > 0 && line.length <= WIDTH ? [...lines.slice(0, -1), line] : [...lines, word];
  }, []);

const besides = (practices: readonly Practice[]): string[] =>
  wrap(practices.map((practice, index) => sectionLink(practice) + (index === practices.length - 1 ? '.' : ',')));

/** README.md with its table and its list written again. */
export const readmePage = (current: string): string => {
  const rows = [
    '| # | practice | code | test | status |',
    '| --- | --- | --- | --- | --- |',
    ...PRACTICES.filter(({ original }) => original !== undefined).map(readmeRow),
    '',
    'And what a production service needs beside them:',
    '',
    ...besides(PRACTICES.filter(({ original }) => original === undefined)),
  ];
  return current.replace(BLOCK, (_, begin: string, end: string) => `${begin}\n${rows.join('\n')}\n\n${end}`);
};

/** Files that a written page lists for a practice, as paths of the repository. */
export const listedIn = (page: string, title: string): string[] => {
  const [, text = ''] = page.split(`\n## ${title}\n`);
  const [own = ''] = text.split('\n## ');
  return [...own.matchAll(/^- \[[^\]]+\]\(([^)]+)\)$/gm)].map(([, path = '']) => posix.join(posix.dirname(PAGE), path));
};
