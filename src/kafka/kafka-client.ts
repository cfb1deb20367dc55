// The one place that knows there are two client libraries. Only the chosen one is loaded.

import type { Subscriber } from '../messaging/subscriber.ts';
import { MessagingError } from '../messaging/messaging-error.ts';
import type { Publisher } from '../messaging/publisher.ts';
import type { KafkaConnection, Probe } from './connection.ts';
import { makeRenewable } from '../resilience/renewable.ts';
import type { SubscriberSettings } from './consumer/subscriber.ts';

type Library = {
  makePublisher(options: KafkaConnection & { readonly sendTimeoutMs: number }): Publisher;
  makeSubscriber(options: KafkaConnection & SubscriberSettings): Subscriber;
  openProbe(connection: KafkaConnection): Promise<Probe>;
};

const loadKafkajs = async (): Promise<Library> => ({
  makePublisher: (await import('./kafkajs/publisher.ts')).makeKafkajsPublisher,
  makeSubscriber: (await import('./kafkajs/subscriber.ts')).makeKafkajsSubscriber,
  openProbe: (await import('./kafkajs/probe.ts')).openKafkajsProbe,
});

const loadPlatformatic = async (): Promise<Library> => ({
  makePublisher: (await import('./platformatic/publisher.ts')).makePlatformaticPublisher,
  makeSubscriber: (await import('./platformatic/subscriber.ts')).makePlatformaticSubscriber,
  openProbe: (await import('./platformatic/probe.ts')).openPlatformaticProbe,
});

export type KafkaSettings = KafkaConnection & {
  readonly client: 'kafkajs' | 'platformatic';
  /** For a whole call of `publish`. */
  readonly sendTimeoutMs: number;
};

const CLOSE_TIMEOUT_MS = 1000;

/** Connects to nothing yet. Publishers and subscribers are closed by who asked for them. */
export const makeKafkaClient = async ({ client, sendTimeoutMs, ...connection }: KafkaSettings) => {
  const library = await (client === 'kafkajs' ? loadKafkajs() : loadPlatformatic());
  const probe = makeRenewable(() => library.openProbe(connection));

  return {
    publisher: (): Publisher => library.makePublisher({ ...connection, sendTimeoutMs }),
    subscriber: (settings: SubscriberSettings): Subscriber => library.makeSubscriber({ ...connection, ...settings }),
    /**
     * For readiness: whether a broker answers.
     * @throws MessagingError BROKER_UNAVAILABLE, at the latest after the time that connecting may take
     */
    check: async (): Promise<void> => {
      try {
        await probe.use(connection.connectTimeoutMs, (asking) => asking.ask());
      } catch (cause) {
        throw new MessagingError('BROKER_UNAVAILABLE', 'no broker answers', { cause });
      }
    },
    close: (): Promise<void> => probe.close(CLOSE_TIMEOUT_MS),
  };
};

export type KafkaClient = Awaited<ReturnType<typeof makeKafkaClient>>;
