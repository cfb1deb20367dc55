// The composition root: creates every part of the process, in the order in which they are opened.

import { env } from 'node:process';

import { makeServiceToken, makeUserServiceClient } from 'user-service-client';

import { ConfigError, loadConfig } from './config.ts';
import { makeConsume } from './consume.ts';
import { makeDecodeEvent } from './event-decoder.ts';
import { makeLifecycle } from './lifecycle.ts';
import { makeMail } from './mail.ts';
import { makeNotify } from './notify.ts';
import { openOutboxFolder } from './outbox-folder.ts';
import { makeManagementServer, makePublicServer } from './servers.ts';
import { makeSubscription } from './subscription.ts';
import { makeLogger, makeRegistry, makeTelemetry } from './telemetry.ts';
import { makeUserDirectory } from './user-directory.ts';

const CONFIG_EXIT_CODE = 78;
const SHUTDOWN_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 2000;
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
const logger = makeLogger(config.logLevel);
const registry = makeRegistry();
const lifecycle = makeLifecycle({ logger, timeoutMs: SHUTDOWN_TIMEOUT_MS });
lifecycle.listen();

const { smtp, outboxDirectory: directory } = config;
const mail = smtp.url === '' ? undefined : makeMail(smtp);
const outbox = await openOutboxFolder({ directory, mail });
lifecycle.add('mail', () => mail?.close());
const subscription = makeSubscription({
  ...config.kafka,
  logger,
  onCrash: (err) => {
    logger.fatal({ err }, 'consumer crashed');
    lifecycle.shutDown('consumer crashed', 1);
  },
});

const isReady = (): boolean => subscription.isJoined() && !lifecycle.isClosing();
const management = makeManagementServer({ registry, isReady });
await management.listen({ host: config.host, port: config.managementPort });
lifecycle.add('management server', () => management.close());

const server = makePublicServer(outbox);
await server.listen({ host: config.host, port: config.port });
lifecycle.add('public server', () => server.close());

const clientOptions = { baseUrl: config.userServiceUrl, timeoutMs: REQUEST_TIMEOUT_MS };
const { clientId, clientSecret } = config;
const getAccessToken = makeServiceToken({ client: makeUserServiceClient(clientOptions), clientId, clientSecret });
const users = makeUserDirectory({ client: makeUserServiceClient({ ...clientOptions, getAccessToken }) });
const consume = makeConsume({
  ...RETRIES,
  decode: makeDecodeEvent({ registryUrl: config.registryUrl, timeoutMs: REQUEST_TIMEOUT_MS }),
  notify: makeNotify({ users, outbox, now: () => new Date() }),
  publishDeadLetter: subscription.publishDeadLetter,
  telemetry: makeTelemetry({ logger, registry }),
  signal: subscription.signal,
});
lifecycle.add('subscription', subscription.close);
await subscription.start(consume);
logger.info({ port: config.port, managementPort: config.managementPort }, 'notification-service started');
