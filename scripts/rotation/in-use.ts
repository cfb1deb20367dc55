// How long after a file was replaced a process used what is in it.

import { readFileSync } from 'node:fs';

import type { DatabaseUsers } from './database-users.ts';
import { ROLES, type Role } from './settings.ts';
import type { Stack } from './stack.ts';

const ADOPTED = 'changed database credentials are in use';

/** When a process logged that it uses changed credentials: milliseconds since the epoch. */
const adoptionsOf = ({ emitted }: Stack, role: Role): number[] =>
  readFileSync(emitted.logFileOf(role), 'utf8')
    .split('\n')
    .filter((line) => line.includes(ADOPTED))
    .map((line) => Date.parse((JSON.parse(line) as { timestamp: string }).timestamp));

/** Of every change of the database credentials until `until`: from the renaming of the file to the first connection with them. In milliseconds. */
export const databaseDelays = (stack: Stack, users: DatabaseUsers, until: number): number[] =>
  ROLES.flatMap((role) => {
    const [, ...changes] = stack.files.of('postgres_credentials').filter((one) => one.role === role);
    const adoptions = stack.mode === 'static' ? adoptionsOf(stack, role) : [];
    const connections = users.of(role);
    return changes
      .filter(({ at }) => at < until)
      .map(({ content, at }) => {
        const { username } = JSON.parse(content) as { username: string };
        const usedAt =
          stack.mode === 'dynamic' ? connections.get(username) : adoptions.find((adopted) => adopted >= Math.floor(at));
        return (usedAt ?? Infinity) - at;
      });
  });
