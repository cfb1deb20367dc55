// All pages of runbooks/.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readRunbook, type Runbook } from './runbook.ts';

export const FOLDER = join(import.meta.dirname, '../../runbooks');

/** Names without `.md`, in alphabetical order. README.md is the index. */
export const runbookNames = (): string[] =>
  (existsSync(FOLDER) ? readdirSync(FOLDER) : [])
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => file.slice(0, -'.md'.length))
    .sort((a, b) => a.localeCompare(b));

/** @throws Error that begins with the path and the line of a page that cannot be read */
export const loadRunbook = (name: string): Runbook => {
  const text = readFileSync(join(FOLDER, `${name}.md`), 'utf8');
  try {
    return readRunbook(name, text);
  } catch (error) {
    const [line = '1', message = ''] = /^Line (\d+): (.*)/s.exec((error as Error).message)?.slice(1) ?? [];
    throw new Error(`runbooks/${name}.md:${line}: ${message}`, { cause: error });
  }
};
