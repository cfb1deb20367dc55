// Starts the worker, which is a member of its group while its dependencies are up: the handler of each event and dead letters, for bin/worker.ts and bin/local.ts.

import type { Pool } from 'pg';
import type { Config } from '../config/schema.ts';
import { makeConsume } from '../consumers/consume.ts';
import { makeOrderPlacedHandler } from '../consumers/order-placed.ts';
import { makePublishDeadLetter } from '../consumers/publish-dead-letter.ts';
import type { FeatureFlags } from '../flags/feature-flags.ts';
import type { Readiness } from '../lifecycle/readiness.ts';
import { makeWhileAble } from '../lifecycle/while-able.ts';
import type { DecodeEvent } from '../messaging/codec.ts';
import { EVENT_TOPICS } from '../messaging/event-topics.ts';
import type { Publisher } from '../messaging/publisher.ts';
import type { Subscriber } from '../messaging/subscriber.ts';
import { makeBusinessEvents } from '../observability/business-events.ts';
import { makeConsumerTelemetry } from '../observability/consumer-telemetry.ts';
import { continueTrace, currentTraceparent, dataStreams } from '../observability/trace-context.ts';
import { makeDecideOrder } from '../orders/decide-order.ts';
import { makeSandboxPayments } from '../payments/sandbox.ts';
import { expiredInbox } from '../postgres/expired-rows.ts';
import { makeFindOrder } from '../postgres/orders/order-store.ts';
import { makeTransact } from '../postgres/transact.ts';
import { makeBackoff } from '../resilience/backoff.ts';
import { makeMember } from '../consumers/member.ts';
import type { Foundation } from './foundation.ts';
import { startLagGauge } from './lag-gauge.ts';
import { startPurge } from './purge.ts';

type Deps = Foundation & {
  readonly config: Config<'consumers' | 'payments' | 'lifecycle'>;
  readonly pool: Pool;
  readonly flags: Pick<FeatureFlags, 'numberOf'>;
  readonly decode: DecodeEvent;
  /** For dead letters. */
  readonly makePublisher: () => Publisher;
  readonly readiness: Pick<Readiness, 'watch' | 'requireWork'>;
  /** Called for each attempt to join. */
  readonly makeSubscriber: () => Subscriber;
};

const RETRY = { firstMs: 100, maxMs: 1000 };
const TOPICS = [EVENT_TOPICS.OrderPlaced];

export const runWorker = (deps: Deps): void => {
  const { config, pool, flags, decode, makeSubscriber, readiness, metrics, lifecycle, faults } = deps;
  const logger = deps.logger.child({ logger: 'consumers' });
  const publisher = deps.makePublisher();
  lifecycle.add('publisher', () => publisher.close());
  const consumerTelemetry = makeConsumerTelemetry({ logger, metrics });
  const decideOrder = makeDecideOrder({
    findOrder: makeFindOrder(pool),
    transact: makeTransact(pool),
    payments: faults.payments(
      makeSandboxPayments({
        ...config.payments,
        limitMinor: () => flags.numberOf('payment-decline-limit-minor', config.payments.limitMinor),
      }),
      config.payments,
    ),
    telemetry: makeBusinessEvents({ logger: deps.logger.child({ logger: 'business' }), metrics, audit: deps.audit }),
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
    dataStreams,
  });

  startLagGauge({ logger, metrics, lifecycle, topics: TOPICS, observer: makeSubscriber() });
  startPurge({ ...deps, tables: [expiredInbox(pool)] });

  const { group } = config.consumers;
  const member = makeMember({
    makeSubscriber,
    subscription: { topics: TOPICS, handle: faults.scoped(consume) },
    group,
    logger,
  });
  const whileAble = makeWhileAble({
    start: member.start,
    toleranceMs: config.lifecycle.outageToleranceMs,
    onAbandoned: () => {
      logger.warn({ group }, 'not able to work for too long, leaving the consumer group until it is');
    },
    onError: (err) => {
      logger.error({ err }, 'leaving the consumer group failed');
    },
  });
  readiness.requireWork({ name: 'consumer-group', isWorking: member.isJoined });
  readiness.watch(whileAble);
  lifecycle.add('consumer', whileAble.close);
};
