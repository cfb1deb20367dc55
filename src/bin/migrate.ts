// The command line for tables, topics and event schemas: runs and exits. docs/migrations.md says when to use which command.

import { environment } from '../config/environment.ts';
import { loadConfig } from '../config/load-config.ts';
import { EVENTS_DIRECTORY, loadEventSchemas } from '../avro/schemas.ts';
import { registerSchemas } from '../avro/register-schemas.ts';
import { parseOptions, rejectArgument, runCommandLine, UsageError } from '../composition/command-line.ts';
import { openAudit } from '../composition/operations/open-audit.ts';
import type { KafkaLog } from '../kafka/connection.ts';
import { createTopics } from '../kafka/kafkajs/create-topics.ts';
import { parseGrants, TOPICS } from '../messaging/topics.ts';
import { createMigration } from '../postgres/migrations/create-migration.ts';
import { MIGRATIONS_DIRECTORY } from '../postgres/migrations/migration-file.ts';
import { makeMigrations, type Migrations } from '../postgres/migrations/migrations.ts';

const HELP = `Applies and reverts database migrations, creates topics, and registers event schemas.

  migrate up [n]           apply all pending migrations, or the next n
  migrate down [n]         revert the last migration, or the last n
  migrate status           list applied and pending migrations
  migrate validate         report edited, missing, out-of-order and blocking migrations, change nothing
  migrate baseline <name>  mark the migrations up to <name> as applied, in a database that already has their tables
  migrate topics           create the missing Kafka topics, and the ACLs in KAFKA_TOPICS_ACLS; change no existing topic
  migrate schemas          register the event schemas of api-specs/events with the schema registry
  migrate create <name>    write an empty migration with the next number, e.g. create add-nicknames
  migrate --help           print this text

POSTGRES_HOST, POSTGRES_DATABASE and POSTGRES_MIGRATION_USER select the database and the account,
KAFKA_BROKERS and KAFKA_USERNAME the brokers and the account that creates topics, SCHEMA_REGISTRY_URL the schema registry.
KAFKA_TOPICS_REPLICATION_FACTOR, KAFKA_TOPICS_MIN_INSYNC_REPLICAS and KAFKA_TOPICS_ACLS describe new topics. docs/configuration.md describes all settings.
Exit codes: 0 success, 1 failure, 64 wrong usage, 78 invalid configuration.`;

const writeThrough = (text: string): void => {
  process.stdout.write(text);
};
const print = (line: string): void => {
  writeThrough(`${line}\n`);
};

const noLine = (): void => undefined;
/** An error is reported once, at the end. */
const QUIET: KafkaLog = { debug: noLine, info: noLine, warn: noLine, error: noLine };

const open = (): Migrations => {
  const config = loadConfig(environment(), ['migrations', 'audit']);
  const { lockTimeoutMs, ...connection } = config.migrations;
  const { audit } = openAudit({
    config,
    logger: { info: noLine, error: noLine },
    writeThrough,
    currentRequest: () => undefined,
  });
  return makeMigrations({
    connection,
    callerLockTimeoutMs: lockTimeoutMs,
    report: print,
    onApplied: (migration, direction) => {
      audit.record('sys_migration_applied', { target: { kind: 'migration', id: migration }, details: { direction } });
    },
  });
};

const count = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError(`invalid number of migrations "${text}"`);
  return Number(text);
};

const name = (text: string | undefined): string => {
  if (text === undefined) throw new UsageError('missing migration name');
  return text;
};

/** Each checks its arguments before it opens a connection. */
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
      const reverted = await open().down(limit);
      if (reverted.length === 0) print('nothing to revert');
    },
  ],
  [
    'status',
    async (argument) => {
      rejectArgument(argument);
      for (const migration of await open().status()) {
        const state = migration.appliedAt?.toISOString() ?? 'pending'.padEnd('2026-01-01T00:00:00.000Z'.length);
        print(`${state}  ${migration.name}`);
      }
    },
  ],
  [
    'validate',
    async (argument) => {
      rejectArgument(argument);
      print(`${await open().validate()} migrations are valid`);
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
    'topics',
    async (argument) => {
      rejectArgument(argument);
      const { kafka, topics } = loadConfig(environment(), ['kafka', 'topics']);
      const grants = parseGrants(topics.acls) ?? [];
      await createTopics({ ...kafka, logger: QUIET }, { ...topics, topics: TOPICS, grants, report: print });
    },
  ],
  [
    'schemas',
    async (argument) => {
      rejectArgument(argument);
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

await runCommandLine(HELP, async (args) => {
  const [command, argument, ...surplus] = parseOptions(args, {}).positionals;
  if (command === undefined) throw new UsageError('missing command');
  const act = COMMANDS.get(command);
  if (act === undefined) throw new UsageError(`unknown command "${command}"`);
  rejectArgument(surplus[0]);
  await act(argument);
});
