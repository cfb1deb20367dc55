// Starts the relay and the gauges of the outbox, for bin/relay.ts and bin/local.ts.

import type { Pool } from 'pg';
import type { Config } from '../config/schema.ts';
import type { EncodeEvent } from '../messaging/codec.ts';
import { topicOf } from '../messaging/event-topics.ts';
import type { Publisher } from '../messaging/publisher.ts';
import { makeRelayTelemetry } from '../observability/relay-telemetry.ts';
import { continueTrace, currentTraceparent } from '../observability/trace-context.ts';
import { makePublishBatch } from '../outbox/publish-batch.ts';
import { makeRelay } from '../outbox/relay.ts';
import type { ConnectionOptions } from '../postgres/connection.ts';
import { storeUnavailable } from '../postgres/errors.ts';
import { makeOutboxShards } from '../postgres/outbox/outbox-shards.ts';
import { makeOutboxSignal } from '../postgres/outbox/outbox-signal.ts';
import { makeOutboxState } from '../postgres/outbox/outbox-state.ts';
import { makeRepeat } from '../resilience/repeat.ts';
import type { Foundation } from './foundation.ts';

type Deps = Foundation & {
  readonly config: Config<'outbox'>['outbox'];
  /** With one connection per shard and one more. */
  readonly pool: Pool;
  readonly connection: ConnectionOptions;
  readonly encode: EncodeEvent;
  readonly publisher: Publisher;
};

const MEASURE_EVERY_MS = 2000;

export const runRelay = ({ config, pool, connection, encode, publisher, lifecycle, metrics, ...deps }: Deps): void => {
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

  const relay = makeRelay({
    outbox: makeOutboxShards(pool),
    signal: makeOutboxSignal({
      connection,
      onError: (error) => {
        logger.warn({ err: storeUnavailable(error) }, 'outbox notifications lost, polling');
      },
    }),
    publishBatch: makePublishBatch({ encode, topicOf, publisher, continueTrace, currentTraceparent }),
    telemetry: makeRelayTelemetry({ logger, metrics }),
    shards: Number(config.shards),
    batchSize: config.batchSize,
    pollMs: config.pollMs,
  });
  relay.start();
  lifecycle.add('relay', () => relay.close());
};
