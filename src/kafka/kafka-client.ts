// The only file that knows both client libraries. Only the configured one is loaded.

import { MessagingError } from '../messaging/messaging-error.ts';
import type { Publisher } from '../messaging/publisher.ts';
import type { Subscriber } from '../messaging/subscriber.ts';
import { makeRenewable } from '../resilience/renewable.ts';
import type { KafkaConnection, Probe } from './connection.ts';
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

const CLOSE_TIMEOUT_MS = 1000;

/** Does not connect yet. The caller closes the publishers and subscribers that it requested. */
export const makeKafkaClient = async ({ client, sendTimeoutMs, ...connection }: KafkaSettings) => {
  const library = await (client === 'kafkajs' ? loadKafkajs() : loadPlatformatic());
  const probe = makeRenewable(() => library.openProbe(connection));

  return {
    publisher: (): Publisher => library.makePublisher({ ...connection, sendTimeoutMs }),
    subscriber: (settings: SubscriberSettings): Subscriber => library.makeSubscriber({ ...connection, ...settings }),
    /**
     * For readiness: whether a broker responds.
     * @throws MessagingError BROKER_UNAVAILABLE, at the latest after the connect timeout
     */
    check: async (): Promise<void> => {
      try {
        await probe.use(connection.connectTimeoutMs, (client) => client.check());
      } catch (cause) {
        throw new MessagingError('BROKER_UNAVAILABLE', 'no broker responds', { cause });
      }
    },
    close: (): Promise<void> => probe.close(CLOSE_TIMEOUT_MS),
  };
};

export type KafkaClient = Awaited<ReturnType<typeof makeKafkaClient>>;
