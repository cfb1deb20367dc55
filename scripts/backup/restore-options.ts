// The command line of `npm run restore`.

import { parseOptions, rejectArgument, UsageError } from '../../src/composition/command-line.ts';
import type { Goal } from './plan-restore.ts';

export const HELP = `Restores PostgreSQL from a base backup and the archive of its WAL. runbooks/restore-from-backup.md has all steps in their order.

  npm run restore -- --to latest|<time> --target <folder> [options]
  npm run restore -- reconcile --since <time> [options]

The first makes <folder> the data of a server: it copies the newest base backup before <time>, recovers it, and shuts down. It needs no settings.

  --to <time>           latest, or a time as 2026-11-26T20:59:35Z or with an offset: the last commit at or before it is the last one restored
  --target <folder>     data folder of the new server, empty or missing
  --directory <folder>  folder of the backups (default: ./backups)
  --programs <folder>   folder of PostgreSQL's programs, when they are elsewhere than usual

The second prepares worker, cache and sessions for that state and lists what consumers know and the database does not. It has the settings of the worker and
of the api, and refuses to run while the worker does.

  --since <time>        the last commit that was restored, as the first command prints it
  --keep-sessions       do not end the sessions: a session that was ended after <time> would be valid again
  --dry-run             list, change nothing

  --yes                 do not ask
  --help                print this text

Exit codes: 0 success, 1 failure, 64 wrong usage, 78 invalid configuration.`;

const OPTIONS = {
  to: { type: 'string' },
  since: { type: 'string' },
  target: { type: 'string' },
  directory: { type: 'string', default: 'backups' },
  programs: { type: 'string' },
  'keep-sessions': { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
} as const;

/** RFC 3339: without an offset, a time means another one on each machine. */
// eslint-disable-next-line security/detect-unsafe-regex -- no repetition contains another one
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)$/;

const readTime = (option: string, text: string): Date => {
  const time = new Date(text);
  if (!TIME.test(text) || Number.isNaN(time.getTime()))
    throw new UsageError(`invalid value "${text}" for --${option}: it takes a time as 2026-11-26T20:59:35Z`);
  return time;
};

const required = (option: string, text: string | undefined): string => {
  if (!text) throw new UsageError(`missing option --${option}`);
  return text;
};

export type RestoreCommand =
  | {
      readonly kind: 'restore';
      readonly goal: Goal;
      readonly target: string;
      readonly directory: string;
      readonly programs: string | undefined;
      readonly yes: boolean;
    }
  | {
      readonly kind: 'reconcile';
      readonly since: Date;
      readonly keepSessions: boolean;
      readonly dryRun: boolean;
      readonly yes: boolean;
    };

/** @throws UsageError */
export const readRestoreCommand = (args: readonly string[]): RestoreCommand => {
  const { values, positionals } = parseOptions(args, OPTIONS);
  const { yes, directory, programs, 'keep-sessions': keepSessions, 'dry-run': dryRun } = values;
  const isReconcile = positionals[0] === 'reconcile';
  rejectArgument(positionals[isReconcile ? 1 : 0]);
  if (isReconcile)
    return { kind: 'reconcile', since: readTime('since', required('since', values.since)), keepSessions, dryRun, yes };
  const to = required('to', values.to);
  const goal = to === 'latest' ? to : readTime('to', to);
  return { kind: 'restore', goal, target: required('target', values.target), directory, programs, yes };
};
