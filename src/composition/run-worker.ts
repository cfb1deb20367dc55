// Starts the worker: the handler of each event, dead letters, and the gauge of the lag, for bin/worker.ts and bin/local.ts.

import type { Pool } from 'pg';
import type { Config } from '../config/schema.ts';
import { makeConsume } from '../consumers/consume.ts';
import { makeOrderPlacedHandler } from '../consumers/order-placed.ts';
import { makePublishDeadLetter } from '../consumers/publish-dead-letter.ts';
import type { DecodeEvent } from '../messaging/codec.ts';
import { EVENT_TOPICS } from '../messaging/event-topics.ts';
import type { Publisher } from '../messaging/publisher.ts';
import type { Subscriber } from '../messaging/subscriber.ts';
import { makeBusinessEvents } from '../observability/business-events.ts';
import { makeConsumerTelemetry } from '../observability/consumer-telemetry.ts';
import { continueTrace, currentTraceparent } from '../observability/trace-context.ts';
import { makeDecideOrder } from '../orders/decide-order.ts';
import { makeSandboxPayments } from '../payments/sandbox.ts';
import { expiredInbox } from '../postgres/expired-rows.ts';
import { makeFindOrder } from '../postgres/orders/order-store.ts';
import { makeTransact } from '../postgres/transact.ts';
import { makeBackoff } from '../resilience/backoff.ts';
import { makeRepeat } from '../resilience/repeat.ts';
import type { Foundation } from './foundation.ts';
import { startPurge } from './purge.ts';

type Deps = Foundation & {
  readonly config: Config<'consumers' | 'payments'>;
  readonly pool: Pool;
  readonly decode: DecodeEvent;
  /** For dead letters. */
  readonly publisher: Publisher;
  /** Called for each attempt to join. */
  readonly makeSubscriber: () => Subscriber;
};

const RETRY = { firstMs: 100, maxMs: 1000 };
const LAG_EVERY_MS = 5000;

/** Resolves when the group was joined, however long the broker is down. */
export const runWorker = async (deps: Deps): Promise<void> => {
  const { config, pool, decode, publisher, makeSubscriber, metrics, lifecycle } = deps;
  const logger = deps.logger.child({ logger: 'consumers' });
  const consumerTelemetry = makeConsumerTelemetry({ logger, metrics });
  const decideOrder = makeDecideOrder({
    findOrder: makeFindOrder(pool),
    transact: makeTransact(pool),
    payments: makeSandboxPayments(config.payments),
    telemetry: makeBusinessEvents({ logger: deps.logger.child({ logger: 'business' }), metrics }),
    now: () => new Date(),
  });
  const consume = makeConsume({
    decode,
    handlers: { OrderPlaced: makeOrderPlacedHandler({ decideOrder }) },
    deadLetter: makePublishDeadLetter({
      publisher,
      consumer: config.consumers.group,
      telemetry: consumerTelemetry,
      currentTraceparent,
    }),
    attempts: config.consumers.attempts,
    backoff: () => makeBackoff(RETRY),
    telemetry: consumerTelemetry,
    continueTrace,
  });

  let subscriber = makeSubscriber();
  const lag = makeRepeat({
    everyMs: LAG_EVERY_MS,
    work: async () => {
      for (const { topic, partition, messages } of await subscriber.lag())
        metrics.consumerLag.set({ topic, partition }, messages);
    },
    onError: (err) => {
      logger.debug({ err }, 'lag measurement failed');
    },
  });
  lag.start();
  lifecycle.add('lag gauge', () => lag.close());
  startPurge({ ...deps, tables: [expiredInbox(pool)] });

  lifecycle.add('consumer', () => subscriber.close());
  const join = (): Promise<boolean> =>
    subscriber.start({ topics: [EVENT_TOPICS.OrderPlaced], handle: consume }).then(
      () => true,
      (err: unknown) => {
        logger.warn({ err, group: config.consumers.group }, 'joining the consumer group failed, retrying');
        return false;
      },
    );
  while (!(await join()) && lifecycle.state() === 'starting') subscriber = makeSubscriber();
};
