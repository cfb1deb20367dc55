// The commands of docs/tls.md, executed as a reader would.

import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';

import { readBlocks } from '../../../scripts/blocks/read-blocks.ts';
import { openShell } from '../../../scripts/blocks/shell.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/tls.md'), 'utf8');
const BLOCKS = new Map(readBlocks(PAGE.replaceAll(/^ {3}/gm, ''), []).map(({ name, script }) => [name, script]));

/** Runs a shell block with its variables. @param tools a folder in front of PATH */
export const runCommand = async (name: string, variables: Record<string, string>, tools?: string): Promise<void> => {
  const script = BLOCKS.get(name);
  if (script === undefined) throw new Error(`docs/tls.md has no block ${name}`);
  const path = tools === undefined ? {} : { PATH: [tools, env.PATH].join(delimiter) };
  const shell = openShell({ ...variables, ...path });
  try {
    await shell.run(script, { quiet: true });
  } finally {
    shell.close();
  }
};

/** The line of the page that begins like this, with another value for a placeholder of it. */
export const commandLine = (start: string, placeholder: string, value: string): string => {
  const line = PAGE.split('\n').find((text) => text.startsWith(start) && text.includes(placeholder));
  if (line === undefined) throw new Error(`docs/tls.md has no line ${start} … ${placeholder}`);
  return line.replace(placeholder, value);
};
