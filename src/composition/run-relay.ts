// Starts the relay, which leads shards while its dependencies are up, and the gauges of the outbox, for bin/relay.ts and bin/local.ts.

import type { Config } from '../config/schema.ts';
import type { Readiness } from '../lifecycle/readiness.ts';
import { makeWhileAble, type Work } from '../lifecycle/while-able.ts';
import type { EncodeEvent } from '../messaging/codec.ts';
import { topicOf } from '../messaging/event-topics.ts';
import type { Publisher } from '../messaging/publisher.ts';
import { makeRelayTelemetry } from '../observability/relay-telemetry.ts';
import { continueTrace, currentTraceparent, dataStreams } from '../observability/trace-context.ts';
import { makePublishBatch } from '../outbox/publish-batch.ts';
import { makeRelay } from '../outbox/relay.ts';
import type { ConnectionOptions } from '../postgres/connection.ts';
import { storeUnavailable } from '../postgres/errors.ts';
import { makeOutboxShards } from '../postgres/outbox/outbox-shards.ts';
import { makeOutboxSignal } from '../postgres/outbox/outbox-signal.ts';
import { makeOutboxState } from '../postgres/outbox/outbox-state.ts';
import type { ServicePool } from '../postgres/pool.ts';
import { makeRepeat } from '../resilience/repeat.ts';
import type { Foundation } from './foundation.ts';

type Deps = Foundation & {
  readonly config: Config<'outbox' | 'lifecycle'>;
  /** With one connection per shard and one more. */
  readonly pool: ServicePool;
  readonly connection: ConnectionOptions;
  readonly encode: EncodeEvent;
  readonly makePublisher: () => Publisher;
  readonly readiness: Pick<Readiness, 'watch'>;
};

const MEASURE_EVERY_MS = 2000;

export const runRelay = (deps: Deps): void => {
  const { config, pool, connection, encode, makePublisher, readiness, lifecycle, metrics } = deps;
  const logger = deps.logger.child({ logger: 'outbox' });
  const state = makeOutboxState(pool);
  const gauges = makeRepeat({
    everyMs: MEASURE_EVERY_MS,
    work: async () => {
      const { pending, parked, oldestSeconds } = await state.read();
      metrics.outboxEvents.set({ state: 'pending' }, pending);
      metrics.outboxEvents.set({ state: 'parked' }, parked);
      metrics.outboxOldestSeconds.set(oldestSeconds);
    },
    onError: (err) => {
      logger.warn({ err }, 'outbox measurement failed');
    },
  });
  gauges.start();
  lifecycle.add('outbox gauges', () => gauges.close());

  const start = (): Work => {
    const publisher = makePublisher();
    const relay = makeRelay({
      outbox: makeOutboxShards(pool),
      signal: makeOutboxSignal({
        connection,
        onError: (error) => {
          logger.warn({ err: storeUnavailable(error) }, 'outbox notifications lost, polling');
        },
      }),
      publishBatch: makePublishBatch({ encode, topicOf, publisher, continueTrace, currentTraceparent, dataStreams }),
      telemetry: makeRelayTelemetry({ logger, metrics }),
      shards: Number(config.outbox.shards),
      batchSize: config.outbox.batchSize,
      pollMs: config.outbox.pollMs,
    });
    relay.start();
    return {
      close: async () => {
        await relay.close();
        await publisher.close();
      },
      // a closed publisher rejects the batch in progress at once: its rows stay in the table, for the next leader
      abandon: async () => {
        await Promise.all([relay.close(), publisher.close()]);
      },
    };
  };
  const whileAble = makeWhileAble({
    start,
    toleranceMs: config.lifecycle.outageToleranceMs,
    onAbandoned: () => {
      logger.warn({}, 'not able to work for too long, leading no shard until it is');
    },
    onError: (err) => {
      logger.error({ err }, 'giving up leadership failed');
    },
  });
  readiness.watch(whileAble);
  lifecycle.add('relay', whileAble.close);
};
