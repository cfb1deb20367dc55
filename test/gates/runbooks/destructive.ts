// Commands that cannot be taken back, or that users notice.

import type { Command } from './shell-commands.ts';

const SQL = /\b(?:DELETE|UPDATE|TRUNCATE|DROP|pg_terminate_backend|pg_switch_wal)\b/i;

/** Each is tested on the words of a command in one line. */
const KINDS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^kubectl (?:delete|drain)\b/, 'deletes objects of the cluster'],
  [/^kubectl scale\b.*--replicas[= ]0\b/, 'scales to 0'],
  [/^helm uninstall\b/, 'uninstalls the release'],
  [/^docker compose (?:rm|down|kill)\b/, 'removes containers'],
  [/^npm run .*\bstack -- scale \S+ 0\b/, 'scales to 0'],
  [/^npm run .*\bstack -- stop\b/, 'stops a process'],
  [/^npm run (?:--silent )?restore\b(?!.*--dry-run)/, 'restores a backup'],
  [/\b(?:FLUSHALL|FLUSHDB|UNLINK|DEL)\b/i, 'discards keys of Redis'],
  [/^rm /, 'deletes files'],
];
const MAY_SQL = /^(?:psql |docker compose exec .*\bpsql\b|npm run .*\bstack -- sql )/;
const MAY_REDIS = /\b(?:redis-cli|stack -- redis)\b/;

/** @returns why the command is destructive, or nothing */
export const isDestructive = ({ words, input }: Command): string[] => {
  const text = words.join(' ');
  const kinds = KINDS.filter(
    ([pattern]) => pattern.test(text) && (pattern.source.includes('FLUSH') ? MAY_REDIS.test(text) : true),
  );
  return [
    ...kinds.map(([, reason]) => reason),
    ...(MAY_SQL.test(text) && SQL.test(`${text} ${input}`) ? ['changes rows or ends sessions'] : []),
  ];
};
