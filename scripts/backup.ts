// `npm run backup`: a base backup of PostgreSQL, and the check of its archive. docs/backup.md describes both.

import { env } from 'node:process';

import { EXIT, parseOptions, UsageError } from '../src/composition/command-line.ts';
import { environment, variable } from '../src/config/environment.ts';
import { loadConfig } from '../src/config/load-config.ts';
import type { Config } from '../src/config/schema.ts';
import { credentialsOf } from '../src/postgres/credentials.ts';
import { makePool } from '../src/postgres/pool.ts';
import { print, runBackupCommand } from './backup/backup-error.ts';
import { checkBackups, worstLossSeconds } from './backup/check-backups.ts';
import { createBackup } from './backup/create-backup.ts';
import { openStore } from './backup/store.ts';

const HELP = `Takes a base backup of PostgreSQL and checks that its write-ahead log is archived. docs/backup.md says how to set up the server.

  npm run backup [-- options]         take a base backup and verify it
  npm run backup -- check [options]   check the archive, for monitoring: fails when it is older than 60 s or the last base backup older than a day

  --directory <folder>  folder of the backups (default: ./backups); the server archives into its subfolder wal
  --programs <folder>   folder of PostgreSQL's programs, when they are elsewhere than usual
  --help                print this text

The server is that of POSTGRES_HOST, POSTGRES_PORT, POSTGRES_TLS; POSTGRES_USER needs REPLICATION.
Exit codes: 0 success, 1 failure, 64 wrong usage, 78 invalid configuration.`;

const OPTIONS = { directory: { type: 'string', default: 'backups' }, programs: { type: 'string' } } as const;

/** A switch of the WAL and its archiving may take longer than a statement of a request. */
const TIMEOUT_MS = 60_000;
const MIB = 2 ** 20;

const SSL_MODES = { disable: 'disable', require: 'require', 'verify-full': 'verify-full' } as const;

/** The same connection for programs that use libpq. */
const toLibpq = ({ host, port, database, tls, ...login }: Config<'postgres'>['postgres']) => {
  const { user, password } = credentialsOf(login)();
  const ca = variable(env, 'POSTGRES_TLS_CA_FILE');
  return {
    ...{ PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password, PGDATABASE: database },
    PGSSLMODE: SSL_MODES[tls], // eslint-disable-line security/detect-object-injection -- one of three words
    ...(ca === undefined ? {} : { PGSSLROOTCERT: ca }),
  };
};

const run = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseOptions(args, OPTIONS);
  const [command = 'create', ...surplus] = positionals;
  if (!['create', 'check'].includes(command) || surplus.length > 0)
    throw new UsageError(`unknown command "${positionals.join(' ')}"`);
  const { postgres } = loadConfig(environment(), ['postgres']);
  const store = await openStore(values.directory);
  const timeouts = { statementTimeoutMs: TIMEOUT_MS };
  const pool = makePool({
    ...postgres,
    ...timeouts,
    applicationName: 'user-service-backup',
    max: 1,
    onError: () => undefined,
  });
  try {
    if (command === 'check') for (const line of await checkBackups(pool, store)) print(line);
    else {
      const options = { pool, store, connection: toLibpq(postgres), programs: values.programs, report: print };
      const { folder, bytes, startLsn, endLsn, endedAt, firstWal } = await createBackup(options);
      print(
        `${folder}: ${(bytes / MIB).toFixed(0)} MiB, WAL ${startLsn} to ${endLsn} from ${firstWal} on, restorable from ${endedAt} on`,
      );
      print(`the newest archived WAL is ${await worstLossSeconds(pool, store)} s old`);
    }
    return EXIT.done;
  } finally {
    await pool.end();
  }
};

process.exit(await runBackupCommand(HELP, run));
