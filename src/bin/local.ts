// `npm start`: the whole service in one process on an embedded PostgreSQL, with an in-process cache. For a laptop only.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { makeMemoryLimitStore } from '../rate-limit/memory-limit-store.ts';
import { newSigningKey } from '../auth/tokens/new-signing-key.ts';
import { DEMO_KID } from '../auth/tokens/published-keys.ts';
import { longestLifetime } from '../auth/tokens/token-verifier.ts';
import { environment, variable } from '../config/environment.ts';
import { makeEnsureDemoAccount } from '../embedded/demo-account.ts';
import { makeDemoClient } from '../embedded/demo-client.ts';
import { openLocalFolder } from '../embedded/local-folder.ts';
import { makeLocalSecrets } from '../embedded/local-secrets.ts';
import { allRead, makeMemoryBus } from '../embedded/memory/bus.ts';
import { makeMemoryRevocationList } from '../embedded/memory/revocation-list.ts';
import { makeMemorySchemaIds } from '../embedded/memory/schema-ids.ts';
import { makeMemoryUserReader } from '../embedded/memory/user-reader.ts';
import { startEmbeddedPostgres } from '../embedded/postgres/server.ts';
import { startScreen } from '../embedded/start-screen.ts';
import { makeEventCodec } from '../avro/codec.ts';
import { EVENTS_DIRECTORY, loadEventSchemas } from '../avro/schemas.ts';
import { makeBusinessEvents } from '../observability/business-events.ts';
import { makeBackoff } from '../resilience/backoff.ts';
import { makeDatabase } from '../postgres/administration/make-database.ts';
import { makeMigrations } from '../postgres/migrations/migrations.ts';
import { makeUserReader } from '../postgres/users/user-reader.ts';
import { runCommandLine } from '../composition/command-line.ts';
import { makeFoundation } from '../composition/foundation.ts';
import { loadConfigOrExit } from '../composition/load-config-or-exit.ts';
import { makeGuesses } from '../composition/limits.ts';
import {
  describeStartFailure,
  HELP,
  localEnvironment,
  readLocalArguments,
  rejectForeignFolder,
} from '../composition/local-command.ts';
import { openFlags } from '../composition/operations/open-flags.ts';
import { openPostgres } from '../composition/open-postgres.ts';
import { runRelay } from '../composition/run-relay.ts';
import { runWorker } from '../composition/run-worker.ts';
import { serveApi } from '../composition/serve-api.ts';
import { makeUseCases } from '../composition/use-cases.ts';

/** Short, so that Ctrl-C stops the process within a second. */
const DRAIN_MS = 300;

/** Broker and database are part of this process: there is no other one that could do its work. */
const ALWAYS_ABLE = {
  watch: ({ able }: { readonly able: () => void }): void => {
    able();
  },
  requireWork: (): void => undefined,
};

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const folder = await runCommandLine(HELP, async (args) => {
  const options = readLocalArguments(args, environment());
  return openLocalFolder(options.directory, options).catch(rejectForeignFolder);
});
const client = makeDemoClient();
const makeSigningKeys = async () => JSON.stringify({ keys: [await newSigningKey(DEMO_KID)] });
const secrets = await makeLocalSecrets(folder.secrets, makeSigningKeys, client.clients);

const env = localEnvironment(environment(), {
  SECRETS_DIR: folder.secrets,
  AUDIT_LOG: variable(environment(), 'AUDIT_LOG') ?? `file:${join(folder.root, 'audit.log')}`,
});
const config = loadConfigOrExit(env, [
  'log',
  'audit',
  'telemetry',
  'http',
  'management',
  'postgres',
  'migrations',
  'redis',
  'auth',
  'outbox',
  'consumers',
  'payments',
  'featureFlags',
  'lifecycle',
  'faults',
]);
const quiet = { ...config, log: { ...config.log, level: 'warn' } } as const; // only warnings until the screen is shown
const foundation = makeFoundation(quiet, { receivesTraffic: true });
const { logger, metrics, lifecycle, audit } = foundation;

const open = async (): Promise<string> => {
  print('starting PostgreSQL (the first start creates its data, which takes a few seconds) …');
  const { superuserPassword } = secrets;
  const server = await startEmbeddedPostgres({ directory: folder.postgres, superuserPassword, persistent: true });
  lifecycle.add('postgres', server.stop);
  const { host, port } = server;
  const { database, user: appLogin } = config.postgres;
  await makeDatabase(
    { host, port, user: server.user, password: superuserPassword, database },
    {
      ownerLogin: config.migrations.user,
      ownerPassword: secrets.ownerPassword,
      appLogin,
      appPassword: secrets.appPassword,
    },
  );
  await makeMigrations({ connection: { ...config.migrations, host, port }, report: print }).up();

  const here = { ...config, postgres: { ...config.postgres, host, port } };
  const shards = Number(config.outbox.shards);
  const postgres = openPostgres({ ...foundation, config: here, role: 'local', extra: shards });
  const { pool } = postgres;

  const users = makeMemoryUserReader({
    reader: makeUserReader(pool),
    ttlSeconds: config.redis.userTtlSeconds,
    negativeTtlSeconds: config.redis.missingTtlSeconds,
    maxEntries: 10_000,
    onResult: (result) => {
      metrics.cacheRequests.inc({ cache: 'users', result });
    },
  });
  const revocations = makeMemoryRevocationList({ ttlSeconds: longestLifetime(config.auth) });
  const telemetry = makeBusinessEvents({ logger: logger.child({ logger: 'business' }), metrics, audit });
  const limitStore = makeMemoryLimitStore({ maxKeys: 10_000 });
  const guesses = makeGuesses(config.http, limitStore);
  const { flags, checks: flagChecks } = await openFlags({ ...foundation, config });
  const useCases = makeUseCases({
    ...{ config: config.auth, pool, users, revocations, guesses, telemetry },
    acceptsOrders: (userId) => flags.isOn('accept-orders', userId),
  });

  // in a deployment, relay and worker are separate processes: bin/relay.ts and bin/worker.ts
  const schemas = await loadEventSchemas(EVENTS_DIRECTORY);
  const codec = makeEventCodec({ schemas, registry: makeMemorySchemaIds(schemas) });
  const bus = makeMemoryBus({ backoff: () => makeBackoff({ firstMs: 100, maxMs: 5000 }) });
  const subscriber = bus.makeSubscriber(config.consumers.group);
  const makeSubscriber = () => subscriber;
  const messaging = { ...codec, makePublisher: bus.makePublisher, makeSubscriber, readiness: ALWAYS_ABLE };
  runWorker({ ...foundation, ...messaging, config, pool, flags });
  lifecycle.add('events in progress', () => allRead(subscriber, DRAIN_MS));
  runRelay({ ...foundation, ...messaging, ...postgres, config });

  const urls = await serveApi({
    ...foundation,
    config,
    useCases,
    strictLimit: limitStore,
    checks: [...postgres.checks, ...flagChecks],
  });
  const ensureDemoAccount = makeEnsureDemoAccount({ ...useCases, ...useCases.demo });
  const demo = await ensureDemoAccount(randomBytes(15).toString('base64url'));
  return startScreen({ ...urls, version: config.service.version, directory: folder.root, demo, client });
};

try {
  print(await open());
  logger.level = config.log.level;
} catch (error) {
  process.stderr.write(`${describeStartFailure(error)}\n`);
  await lifecycle.shutDown('start failed', 1);
}
