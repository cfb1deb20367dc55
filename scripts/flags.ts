// `npm run --silent flags -- <file> [name=value…]`: shows and changes a file of feature flags. docs/feature-flags.md describes it.

import { readFileSync, renameSync, writeFileSync } from 'node:fs';

import { runCommandLine, UsageError } from '../src/composition/command-line.ts';
import { CodedError } from '../src/errors/coded-error.ts';
import { definitionOf, FLAG_KEYS, type FlagKey } from '../src/flags/definitions.ts';
import { expectedOf, NO_FLAGS, parseFlagFile, type FlagValues } from '../src/flags/flag-file.ts';

const lines = FLAG_KEYS.map((key) => `  ${key.padEnd(28)} ${expectedOf(definitionOf(key))}`);

const HELP = `npm run --silent flags -- <file> [name=value…]

Prints the flags that the file sets, after changing those that are given. name=default removes a flag from the file.
The new content is checked and replaces the file at once: a process reads the old or the new content, never a part.
With - as the file the content is read from standard input, and the new content is all that is printed.

${lines.join('\n')}

Exit codes: 0 success, 1 the content is refused, 64 wrong usage.`;

const STDIN = 0;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** A missing file sets no flag. */
const readText = (file: string): string => {
  try {
    return readFileSync(file === '-' ? STDIN : file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return NO_FLAGS;
    throw error;
  }
};

/** JSON, else the text itself. */
const valueOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** Any object is accepted here, so that a file with a wrong name or value can be corrected. */
const currentOf = (text: string): object => {
  const content = valueOf(text);
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content;
  throw new CodedError('FLAGS_INVALID', 'The file is not a JSON object. Correct it by hand, or delete it.');
};

const changed = (current: object, changes: readonly string[]): Record<string, unknown> => {
  const values = new Map<string, unknown>(Object.entries(current));
  for (const change of changes) {
    const [, name = '', value = ''] = /^([\w.-]+)=(.+)$/.exec(change) ?? [];
    if (name === '') throw new UsageError(`"${change}" is not name=value`);
    if (value === 'default') values.delete(name);
    else values.set(name, valueOf(value));
  }
  return Object.fromEntries(values);
};

/** @throws CodedError with what is wrong */
const checked = (text: string): FlagValues => {
  try {
    return parseFlagFile(text);
  } catch (error) {
    const { message } = error as CodedError; // the cause would repeat it
    throw new CodedError('FLAGS_INVALID', `The content ${message}. Nothing was changed.`);
  }
};

const describe = (key: FlagKey, values: FlagValues): string =>
  `${key.padEnd(28)} ${values.has(key) ? String(values.get(key)) : 'default'}`;

await runCommandLine(HELP, ([file, ...changes]) => {
  if (file === undefined) throw new UsageError('The file is missing.');
  const text = `${JSON.stringify(changed(currentOf(readText(file)), changes))}\n`;
  const values = checked(text);
  if (file === '-') {
    process.stdout.write(text);
    return;
  }
  if (changes.length > 0) {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }
  process.stdout.write(`${FLAG_KEYS.map((key) => describe(key, values)).join('\n')}\n`);
});
