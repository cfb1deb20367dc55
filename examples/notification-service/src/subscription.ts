// The only file that uses kafkajs. Messages are processed one at a time, and the offset is committed afterwards: delivery is at least once.

import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';

import kafkajs, { type EachMessagePayload } from 'kafkajs';
import type { Logger } from 'pino';

import type { Consume, DeadLetter } from './consume.ts';

type Options = {
  readonly brokers: readonly string[];
  readonly group: string;
  readonly topics: readonly string[];
  readonly deadLetterTopic: string;
  readonly logger: Logger;
  /** Called when the consumer fails and kafkajs does not restart it. */
  readonly onCrash: (error: unknown) => void;
};

const CLIENT_ID = 'notification-service';
const RETRY = { initialRetryTime: 100, maxRetryTime: 1000, retries: 5 } as const;
const REJOIN_DELAY_MS = 1000;
/** How long a broker holds a fetch when there is no data. Leaving the group takes as long, and the default is 5 s. */
const MAX_WAIT_MS = 250;
const ALL_IN_SYNC_REPLICAS = -1;

type RequestQueue = {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
};

/** kafkajs 2.2.4 fires an idle timer a thousand times a second: https://github.com/tulios/kafkajs/issues/1704 */
const stopIdleTimer = (): void => {
  const require = createRequire(import.meta.url);
  const { prototype } = require('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
};

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && ('type' in error ? error.type === 'MESSAGE_TOO_LARGE' : isTooLarge(error.cause));

const withoutContent = ({ headers }: DeadLetter): DeadLetter => ({
  key: null,
  value: Buffer.alloc(0),
  headers: {
    ...Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('dlq-'))),
    'dlq-value-dropped': ['true'],
  },
});

export const makeSubscription = ({ brokers, group, topics, deadLetterTopic, logger, onCrash }: Options) => {
  stopIdleTimer();
  const kafka = new kafkajs.Kafka({
    brokers: [...brokers],
    clientId: CLIENT_ID,
    retry: RETRY,
    logLevel: kafkajs.logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, log }) => {
        logger.debug({ step: namespace, reason: log.message }, 'kafka client log');
      },
  });
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  const consumer = kafka.consumer({ groupId: group, allowAutoTopicCreation: false, maxWaitTimeInMs: MAX_WAIT_MS });
  const closing = new AbortController();
  let joined = false;

  consumer.on(consumer.events.GROUP_JOIN, () => {
    joined = true;
  });
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    joined = false;
    if (!restart) onCrash(error);
  });

  const join = async (consume: Consume): Promise<void> => {
    await producer.connect();
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      // one message at a time over all partitions: no e-mail is written while its user is being erased
      partitionsConsumedConcurrently: 1,
      eachMessage: async ({ topic, partition, message, heartbeat }: EachMessagePayload) => {
        const { offset, key, value, headers = {} } = message;
        await consume({ topic, partition, offset, key, value, headers }, heartbeat);
        await consumer.commitOffsets([{ topic, partition, offset: String(BigInt(offset) + 1n) }]);
      },
    });
  };

  return {
    /** Aborted on close. */
    signal: closing.signal,
    isJoined: (): boolean => joined,
    /** Resolves when the consumer runs, however long the broker is unavailable, or when it is closed first. */
    start: async (consume: Consume): Promise<void> => {
      while (!closing.signal.aborted)
        try {
          await join(consume);
          return;
        } catch (err) {
          logger.warn({ err }, 'joining the consumer group failed, retrying');
          await pause(REJOIN_DELAY_MS, undefined, { signal: closing.signal }).catch(() => undefined);
        }
    },
    /** With the added headers a message may exceed the limit of the topic: then only its origin and error are published. */
    publishDeadLetter: async (deadLetter: DeadLetter): Promise<void> => {
      const send = ({ key, value, headers }: DeadLetter): Promise<unknown> =>
        producer.send({
          topic: deadLetterTopic,
          acks: ALL_IN_SYNC_REPLICAS,
          messages: [{ key, value, headers: { ...headers } }],
        });
      try {
        await send(deadLetter);
      } catch (error) {
        if (!isTooLarge(error)) throw error;
        await send(withoutContent(deadLetter));
      }
    },
    /** Finishes the current message and leaves the group. */
    close: async (): Promise<void> => {
      closing.abort();
      joined = false;
      await consumer.disconnect();
      await producer.disconnect();
    },
  };
};
