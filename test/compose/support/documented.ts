// The commands that the documentation shows: the tests run these, so that what a reader copies works.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DOCS = join(import.meta.dirname, '../../../docs');

/** The commands of docs/compose.md, by what they do according to it. */
const COMMANDS = new Map(
  [...readFileSync(join(DOCS, 'compose.md'), 'utf8').matchAll(/^(docker compose [^#]*)# (.*)$/gm)].map(
    ([, command = '', comment = '']) => [comment, command.trim()],
  ),
);
/** @param comment the beginning of the comment behind the command */
export const documented = (comment: string): string => {
  const found = [...COMMANDS].find(([text]) => text.startsWith(comment));
  if (found === undefined) throw new Error(`docs/compose.md has no command with the comment "${comment}".`);
  return found[1];
};
/** The commands of docs/observability.md that follow one request. */
export const WALKTHROUGH =
  /## Follow one request[^]*?```sh\n([^]*?)```/.exec(readFileSync(join(DOCS, 'observability.md'), 'utf8'))?.[1] ?? '';
