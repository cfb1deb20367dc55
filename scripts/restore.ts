// `npm run restore`: a data folder from a backup, and what has to follow. docs/backup.md describes both.

import { EXIT } from '../src/composition/command-line.ts';
import { ask } from './backup/ask.ts';
import { makeReport, print, runBackupCommand } from './backup/backup-error.ts';
import { runReconcile } from './reconcile/open-reconcile.ts';
import { planRestore } from './backup/plan-restore.ts';
import { recover } from './backup/recover.ts';
import { HELP, readRestoreCommand, type RestoreCommand } from './backup/restore-options.ts';
import { openStore } from './backup/store.ts';

const restore = async ({ yes, directory, ...options }: Extract<RestoreCommand, { kind: 'restore' }>): Promise<void> => {
  const report = makeReport();
  const store = await openStore(directory);
  const plan = await planRestore({ store, ...options });
  const { backup, goal, segments, archiveEnd, target } = plan;
  report(
    `verified the backup ${backup.name} and ${segments.length} segments of WAL, the last commit is of ${archiveEnd.toISOString()}`,
  );
  const to = goal === 'latest' ? 'the last commit' : goal.toISOString();
  await ask(`Restores PostgreSQL ${backup.major} to ${to} in ${target}.`, yes);
  const { lastCommit, timeline } = await recover(plan, store, report);
  const since = (lastCommit ?? new Date(backup.endedAt)).toISOString();
  print(`restored until ${since}, timeline ${timeline}`);
  print(
    `next: start PostgreSQL ${backup.major} with this folder and the same archive, then: npm run restore -- reconcile --since ${since}`,
  );
};

process.exit(
  await runBackupCommand(HELP, async (args) => {
    const command = readRestoreCommand(args);
    if (command.kind === 'restore') await restore(command);
    else await runReconcile(command);
    return EXIT.done;
  }),
);
