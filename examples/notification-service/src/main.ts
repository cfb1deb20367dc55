// The composition root: creates every part of the process, in the order in which they are opened.

import { randomUUID } from 'node:crypto';
import { env } from 'node:process';

import { makeServiceToken, makeUserServiceClient } from 'user-service-client';

import { ConfigError, loadConfig } from './config.ts';
import { makeConsume } from './consume.ts';
import { makeDecodeEvent, makeSchemas } from './event-decoder.ts';
import { sendLastSpans } from './last-spans.ts';
import { makeLifecycle } from './lifecycle.ts';
import { makeMail } from './mail.ts';
import { makeNotify } from './notify.ts';
import { openOutboxFolder } from './outbox-folder.ts';
import { makeReadiness } from './readiness.ts';
import { makeManagementServer, makePublicServer } from './servers.ts';
import { makeSubscription } from './subscription.ts';
import { makeLogger, makeRegistry, makeTelemetry } from './telemetry.ts';
import { makeUserDirectory } from './user-directory.ts';
import { makeWhileAble } from './while-able.ts';

const CONFIG_EXIT_CODE = 78;
const SHUTDOWN_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 2000;
const CHECK_EVERY_MS = 1000;
const RETRIES = { attempts: 5, firstRetryMs: 100, lastRetryMs: 5000 };

const loadConfigOrExit = () => {
  try {
    return loadConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    // eslint-disable-next-line n/no-process-exit -- nothing is open yet
    process.exit(CONFIG_EXIT_CODE);
  }
};

const config = loadConfigOrExit();
const logger = makeLogger({ level: config.logLevel, identity: config.identity });
const registry = makeRegistry(config.identity);
const lifecycle = makeLifecycle({ logger, timeoutMs: SHUTDOWN_TIMEOUT_MS });
lifecycle.listen();
lifecycle.add('traces', sendLastSpans);

const { smtp, outboxDirectory: directory } = config;
const mail = smtp.url === '' ? undefined : makeMail(smtp);
const outbox = await openOutboxFolder({ directory, mail });
lifecycle.add('mail', () => mail?.close());
const subscription = makeSubscription({ ...config.kafka, logger });
lifecycle.add('producer', subscription.close);

const clientOptions = { baseUrl: config.userServiceUrl, timeoutMs: REQUEST_TIMEOUT_MS };
const { clientId, clientSecret } = config;
const getAccessToken = makeServiceToken({ client: makeUserServiceClient(clientOptions), clientId, clientSecret });
const users = makeUserDirectory({ client: makeUserServiceClient({ ...clientOptions, getAccessToken }) });
const schemas = makeSchemas({ registryUrl: config.registryUrl, timeoutMs: REQUEST_TIMEOUT_MS });

const { isJoined } = subscription;
const { isClosing } = lifecycle;
// a user that does not exist is found neither in a cache nor in the store: the whole way of a request is checked
const dependencies = { 'user-service': () => users.find(randomUUID()), 'schema-registry': schemas.check };
const readiness = makeReadiness({ dependencies, intervalMs: CHECK_EVERY_MS, isJoined, isClosing, logger });
const management = makeManagementServer({ registry, isReady: readiness.isReady });
await management.listen({ host: config.host, port: config.managementPort });
lifecycle.add('management server', () => management.close());

const server = makePublicServer(outbox);
await server.listen({ host: config.host, port: config.port });
lifecycle.add('public server', () => server.close());

const consume = makeConsume({
  ...RETRIES,
  decode: makeDecodeEvent(schemas),
  notify: makeNotify({ users, outbox, now: () => new Date() }),
  publishDeadLetter: subscription.publishDeadLetter,
  telemetry: makeTelemetry({ logger, registry }),
});
const whileAble = makeWhileAble({
  start: () => subscription.start(consume),
  toleranceMs: config.outageToleranceMs,
  onAbandoned: () => {
    logger.warn('a dependency stays down, leaving the consumer group until it is back');
  },
  onError: (err) => {
    logger.error({ err }, 'leaving the consumer group failed');
  },
});
lifecycle.add('consumer', whileAble.close);
logger.info({ port: config.port, managementPort: config.managementPort }, 'notification-service is listening');
await readiness.start(whileAble);
