// The only file that knows both client libraries. Only the configured one is loaded.

import { MessagingError } from '../messaging/messaging-error.ts';
import type { Publisher } from '../messaging/publisher.ts';
import type { Subscriber } from '../messaging/subscriber.ts';
import { describeCauses } from '../observability/describe-error.ts';
import { makeRenewable } from '../resilience/renewable.ts';
import type { KafkaConnection, KafkaLog, Probe } from './connection.ts';
import type { SubscriberSettings } from './consumer/subscriber.ts';

type Library = {
  makePublisher(options: KafkaConnection & { readonly sendTimeoutMs: number }): Publisher;
  makeSubscriber(options: KafkaConnection & SubscriberSettings): Subscriber;
  openProbe(connection: KafkaConnection): Promise<Probe>;
};

const loadKafkajs = async (): Promise<Library> => ({
  makePublisher: (await import('./kafkajs/publisher.ts')).makeKafkajsPublisher,
  makeSubscriber: (await import('./kafkajs/subscriber.ts')).makeKafkajsSubscriber,
  openProbe: (await import('./kafkajs/client.ts')).openKafkajsProbe,
});

const loadPlatformatic = async (): Promise<Library> => ({
  makePublisher: (await import('./platformatic/publisher.ts')).makePlatformaticPublisher,
  makeSubscriber: (await import('./platformatic/subscriber.ts')).makePlatformaticSubscriber,
  openProbe: (await import('./platformatic/client.ts')).openPlatformaticProbe,
});

export type KafkaSettings = KafkaConnection & {
  readonly client: 'kafkajs' | 'platformatic';
  /** For a whole call of `publish`. */
  readonly sendTimeoutMs: number;
};

/** A listener with TLS closes a connection without it, and does not say why. */
const CLOSED = /closed|ECONNRESET/i;
const CLOSE_TIMEOUT_MS = 1000;

/** Does not connect yet. The caller closes the publishers and subscribers that it requested. */
export const makeKafkaClient = async ({ client, sendTimeoutMs, ...connection }: KafkaSettings) => {
  const library = await (client === 'kafkajs' ? loadKafkajs() : loadPlatformatic());
  let lastReason: string | undefined;
  const log: KafkaLog = connection.logger;
  const logger: KafkaLog = {
    debug: (fields, message) => {
      lastReason = fields.reason ?? lastReason;
      log.debug(fields, message);
    },
    info: (fields, message) => {
      log.info(fields, message);
    },
    warn: (fields, message) => {
      log.warn(fields, message);
    },
    error: (fields, message) => {
      log.error(fields, message);
    },
  };
  const probe = makeRenewable(() => library.openProbe({ ...connection, logger }));

  /** At the deadline the client is still retrying: why, only its log says. */
  const unavailable = (error: unknown): MessagingError => {
    const reason = lastReason ?? describeCauses(error);
    const hint = !connection.tls && CLOSED.test(reason) ? ' (KAFKA_TLS is false: does the listener need TLS?)' : '';
    const cause = lastReason === undefined && hint === '' ? error : new Error(`${reason}${hint}`, { cause: error });
    return new MessagingError('BROKER_UNAVAILABLE', 'no broker responds', { cause });
  };

  return {
    publisher: (): Publisher => library.makePublisher({ ...connection, sendTimeoutMs }),
    subscriber: (settings: SubscriberSettings): Subscriber => library.makeSubscriber({ ...connection, ...settings }),
    /**
     * For readiness: whether a broker responds.
     * @throws MessagingError BROKER_UNAVAILABLE, at the latest after the connect timeout
     */
    check: async (): Promise<void> => {
      lastReason = undefined;
      try {
        await probe.use(connection.connectTimeoutMs, (client) => client.check());
      } catch (cause) {
        throw unavailable(cause);
      }
    },
    close: (): Promise<void> => probe.close(CLOSE_TIMEOUT_MS),
  };
};

export type KafkaClient = Awaited<ReturnType<typeof makeKafkaClient>>;
