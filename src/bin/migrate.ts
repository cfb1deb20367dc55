// The schema's command line: runs and exits. docs/migrations.md says when to use which command.

import { CONFIG_EXIT_CODE, ConfigError, describeFaults } from '../config/config-error.ts';
import { environment } from '../config/environment.ts';
import { loadConfig } from '../config/load-config.ts';
import { CodedError } from '../errors/coded-error.ts';
import { Unavailable } from '../errors/unavailable.ts';
import { EVENTS_DIRECTORY, loadEventSchemas } from '../avro/schemas.ts';
import { registerSchemas } from '../avro/register-schemas.ts';
import { createMigration } from '../postgres/migrations/create-migration.ts';
import { MIGRATIONS_DIRECTORY } from '../postgres/migrations/migration-file.ts';
import { makeMigrations, type Migrations } from '../postgres/migrations/migrations.ts';

const HELP = `Brings the schema of the database from one release to the next.

  migrate up [n]           apply the pending migrations, or the first n of them
  migrate down [n]         undo the last migration, or the last n
  migrate status           list what is applied and what is pending
  migrate validate         refuse edited, missing and out-of-order migrations; change nothing
  migrate baseline <name>  count the migrations up to <name> as applied, in a database that has their tables already
  migrate schemas          register the event schemas of api-specs/events with the schema registry
  migrate create <words>   write an empty migration with the next number, e.g. create add-nicknames

The database is the one of the POSTGRES_ settings, the login POSTGRES_MIGRATION_USER, the
registry that of SCHEMA_REGISTRY_URL; see docs/configuration.md.
Exit codes: 0 done, 1 refused or failed, 64 wrong usage, 78 wrong configuration.`;

const EXIT = { done: 0, failed: 1, usage: 64, config: CONFIG_EXIT_CODE } as const;

class UsageError extends Error {}

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const open = (): Migrations => {
  const { migrations } = loadConfig(environment(), ['migrations']);
  return makeMigrations({ connection: migrations, report: print });
};

const count = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError(`"${text}" is not a number of migrations.`);
  return Number(text);
};

const name = (text: string | undefined): string => {
  if (text === undefined) throw new UsageError('The name of the migration is missing.');
  return text;
};

const nothing = (text: string | undefined): void => {
  if (text !== undefined) throw new UsageError(`"${text}" is too much: the command stands alone.`);
};

/** Each looks at its argument before anything is opened. */
const COMMANDS = new Map<string, (argument: string | undefined) => Promise<void>>([
  [
    'up',
    async (argument) => {
      const limit = count(argument);
      const applied = await open().up(limit);
      if (applied.length === 0) print('nothing to apply');
    },
  ],
  [
    'down',
    async (argument) => {
      const limit = count(argument);
      const undone = await open().down(limit);
      if (undone.length === 0) print('nothing to undo');
    },
  ],
  [
    'status',
    async (argument) => {
      nothing(argument);
      for (const migration of await open().status()) {
        const state = migration.appliedAt?.toISOString() ?? 'pending'.padEnd('2026-01-01T00:00:00.000Z'.length);
        print(`${state}  ${migration.name}`);
      }
    },
  ],
  [
    'validate',
    async (argument) => {
      nothing(argument);
      print(`${await open().validate()} migrations are sound`);
    },
  ],
  [
    'baseline',
    async (argument) => {
      const last = name(argument);
      await open().baseline(last);
    },
  ],
  [
    'schemas',
    async (argument) => {
      nothing(argument);
      const { schemaRegistry } = loadConfig(environment(), ['schemaRegistry']);
      await registerSchemas({ ...schemaRegistry, schemas: await loadEventSchemas(EVENTS_DIRECTORY), report: print });
    },
  ],
  [
    'create',
    async (argument) => {
      print(await createMigration(MIGRATIONS_DIRECTORY, name(argument)));
    },
  ],
]);

const run = async ([command = '', argument, ...surplus]: readonly string[]): Promise<void> => {
  const act = COMMANDS.get(command);
  if (act === undefined) throw new UsageError(`"${command}" is not a command.`);
  nothing(surplus[0]);
  await act(argument);
};

/** What happened, with its reasons. */
const describe = (error: unknown): string => {
  if (error instanceof ConfigError) return describeFaults(error);
  if (error instanceof UsageError) return `${error.message}\n\n${HELP}`;
  if (!(error instanceof CodedError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const unreachable = error instanceof Unavailable && error.cause instanceof Error ? [error.cause.message] : [];
  return [
    error.message,
    ...[...error.faults.map(({ detail }) => detail), ...unreachable].map((why) => `- ${why}`),
  ].join('\n');
};

const explain = (error: unknown): number => {
  process.stderr.write(`${describe(error)}\n`);
  if (error instanceof ConfigError) return EXIT.config;
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
};

const main = async (argv: readonly string[]): Promise<number> => {
  if (argv.includes('--help') || argv[0] === 'help') {
    print(HELP);
    return EXIT.done;
  }
  return run(argv).then(() => EXIT.done, explain);
};

process.exitCode = await main(process.argv.slice(2));
