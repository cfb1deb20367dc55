// The only file that uses kafkajs. Messages are processed one at a time, and the offset is committed afterwards: delivery is at least once.

import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';

import kafkajs, { type Consumer, type EachMessagePayload } from 'kafkajs';
import type { Logger } from 'pino';

import type { Consume, DeadLetter } from './consume.ts';
import type { Work } from './while-able.ts';

type Options = {
  readonly brokers: readonly string[];
  readonly group: string;
  readonly topics: readonly string[];
  readonly deadLetterTopic: string;
  readonly logger: Logger;
};

const CLIENT_ID = 'notification-service';
const RETRY = { initialRetryTime: 100, maxRetryTime: 1000, retries: 5 } as const;
/** A member that is gone without leaving, e.g. before a broker outage, blocks the others for one session: 6 s is the shortest that brokers accept. */
const SESSION = { sessionTimeout: 6000, rebalanceTimeout: 12_000, heartbeatInterval: 1000 } as const;
const REJOIN_DELAY_MS = 1000;
const LEAVE_TIMEOUT_MS = 5000;
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

const never = new Promise<never>(() => undefined);

/** Handling may take longer than a session. A rebalance meanwhile fails the commit, and the message is delivered again. */
const withHeartbeats = async (heartbeat: () => Promise<void>, work: Promise<void>): Promise<void> => {
  const timer = setInterval(() => void heartbeat().catch(() => undefined), SESSION.heartbeatInterval);
  await work.finally(() => {
    clearInterval(timer);
  });
};

/** Rejects when the membership ends: kafkajs gives up, or `leaving` is aborted. */
const untilItEnds = (consumer: Consumer, leaving: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    leaving.addEventListener('abort', () => {
      reject(new Error('leaving the group'));
    });
    consumer.on(consumer.events.CRASH, ({ payload: { error } }) => {
      reject(error);
    });
  });

export const makeSubscription = ({ brokers, group, topics, deadLetterTopic, logger }: Options) => {
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
  let joined = false;

  const makeConsumer = (): Consumer => {
    const consumer = kafka.consumer({
      ...SESSION,
      groupId: group,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: MAX_WAIT_MS,
      retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
    });
    consumer.on(consumer.events.GROUP_JOIN, () => {
      if (!joined) logger.info({ group }, 'joined the consumer group');
      joined = true;
    });
    return consumer;
  };

  const run = async (consumer: Consumer, consume: Consume, leaving: AbortSignal): Promise<void> => {
    await producer.connect();
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      // one message at a time over all partitions: no e-mail is written while its user is being erased
      partitionsConsumedConcurrently: 1,
      eachMessage: async ({ topic, partition, message, heartbeat }: EachMessagePayload) => {
        const { offset, key, value, headers = {} } = message;
        await withHeartbeats(heartbeat, consume({ topic, partition, offset, key, value, headers }, heartbeat, leaving));
        await consumer.commitOffsets([{ topic, partition, offset: String(BigInt(offset) + 1n) }]);
      },
    });
  };

  /** One membership; rejects when it ends. Leaving waits for the attempt in progress, which has a deadline, not for its retries. */
  const joinOnce = async (consume: Consume, leaving: AbortSignal): Promise<void> => {
    const consumer = makeConsumer();
    try {
      await Promise.race([untilItEnds(consumer, leaving), run(consumer, consume, leaving).then(() => never)]);
    } finally {
      joined = false;
      await Promise.race([
        consumer.disconnect().catch(() => undefined),
        pause(LEAVE_TIMEOUT_MS, undefined, { ref: false }),
      ]);
    }
  };

  /** Joins with a new consumer whenever the membership ends, however long the broker is unavailable. */
  const keepJoined = async (consume: Consume, leaving: AbortSignal): Promise<void> => {
    while (!leaving.aborted) {
      try {
        await joinOnce(consume, leaving);
      } catch (err) {
        if (leaving.aborted) break;
        logger.warn({ group, err }, 'not a member of the consumer group, joining again');
        await pause(REJOIN_DELAY_MS, undefined, { signal: leaving }).catch(() => undefined);
      }
    }
    logger.info({ group }, 'left the consumer group');
  };

  return {
    isJoined: (): boolean => joined,
    start: (consume: Consume): Work => {
      const leaving = new AbortController();
      const membership = keepJoined(consume, leaving.signal);
      const leave = (): Promise<void> => {
        leaving.abort();
        return membership;
      };
      return { close: leave, abandon: leave };
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
    /** After the group was left. */
    close: (): Promise<void> => producer.disconnect(),
  };
};
