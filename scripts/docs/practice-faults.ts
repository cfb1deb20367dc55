// What is wrong with the practice index: each fault is a sentence that begins with the practice and names the file to look at.

import { chainTo, closureOf } from './closure.ts';
import { commandOf, isShown, type Practice, type Shown } from './practice.ts';
import { filesOf, type Repository } from './repository.ts';
import { hasRunningTest } from './running-test.ts';

type Readers = Repository & {
  /** Names of the npm scripts. */
  readonly scripts: readonly string[];
  /** What the generated page listed for a practice when it was written. */
  readonly published: (id: string) => readonly string[];
};

const missingFiles = (practice: Shown, { read, list }: Readers): string[] => {
  const { start, copy, also = [], test, page } = practice;
  const named = [start, ...copy, ...also, page, ...(test === undefined ? [] : [test])];
  return named
    .filter((path) => (path.includes('*') ? list(path).length === 0 : read(path) === undefined))
    .map((path) => `names ${path}, which is not a file`);
};

const skippedTest = ({ test }: Shown, { read }: Readers): string[] => {
  const text = test === undefined ? undefined : read(test);
  return text === undefined || hasRunningTest(text) ? [] : [`is proven by ${test}, in which no test runs`];
};

const unknownCommand = (practice: Shown, { scripts }: Readers): string[] => {
  const command = commandOf(practice);
  if (command === undefined || /^(?:docker compose|npx vitest run) /.test(command)) return [];
  const [, script = ''] = /^npm (?:run )?([\w:-]+)/.exec(command) ?? [];
  return scripts.includes(script) ? [] : [`has the command \`${command}\`, which is no npm script`];
};

/** New are the files that the published page did not list; if it lists all, those furthest from the entry files. */
const grownClosure = (practice: Shown, readers: Readers): string[] => {
  const closure = closureOf(filesOf(practice.copy, readers), readers.read);
  const { maxFiles } = practice;
  const files = [...closure.files.keys()];
  if (files.length <= maxFiles) return [];
  const published = readers.published(practice.id);
  const unlisted = files.filter((path) => !published.includes(path));
  const added = published.length > 0 && unlisted.length > 0 ? unlisted : files.slice(maxFiles);
  return added.map((path) => `takes ${files.length} files, at most ${maxFiles}: ${chainTo(closure, path)}`);
};

const CHECKS = [missingFiles, skippedTest, unknownCommand, grownClosure];

const twice = (practices: readonly Practice[]): string[] =>
  practices
    .filter(({ id, title }, i) => practices.slice(0, i).some((other) => other.id === id || other.title === title))
    .map(({ id }) => `${id} has the id or the title of another practice`);

export const findManifestFaults = (practices: readonly Practice[], readers: Readers): string[] => [
  ...twice(practices),
  ...practices
    .filter(isShown)
    .flatMap((practice) => CHECKS.flatMap((find) => find(practice, readers)).map((fault) => `${practice.id} ${fault}`)),
];

/** The original practices come first, in their order, and none is left out. */
export const findMissingOriginals = (practices: readonly Practice[], count: number): string[] =>
  Array.from({ length: count }, (_, i) => i + 1)
    .filter((number) => practices[number - 1]?.original !== number)
    .map((number) => `original practice ${number} is not entry ${number} of the index`);
