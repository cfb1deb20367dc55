import { randomUUID } from 'node:crypto';

import type pg from 'pg';

import type { EncodeEvent } from '../../../src/messaging/codec.ts';
import { topicOf } from '../../../src/messaging/event-topics.ts';
import { MessagingError } from '../../../src/messaging/messaging-error.ts';
import type { OutboxShards, RelayTelemetry } from '../../../src/outbox/ports.ts';
import { makePublishBatch } from '../../../src/outbox/publish-batch.ts';
import { makeRelay } from '../../../src/outbox/relay.ts';
import { makeOutboxShards } from '../../../src/postgres/outbox/outbox-shards.ts';
import { makeOutboxSignal } from '../../../src/postgres/outbox/outbox-signal.ts';
import type { ServicePool } from '../../../src/postgres/pool.ts';
import { makeFakePublisher } from '../../support/fakes/publisher.ts';
import type { TestDatabase } from '../../support/test-database.ts';
import { appOptions } from '../../support/use-pool.ts';
import { makeTelemetryRecorder } from '../../support/fakes/telemetry.ts';
import { type MessageHeaders, headerText } from '../../../src/messaging/headers.ts';

/** JSON instead of Avro; rejects the payload `{ bad: true }`. */
export const encode: EncodeEvent = (type, payload) => {
  if ('bad' in payload)
    return Promise.reject(new MessagingError('EVENT_UNENCODABLE', 'The event does not match its schema.'));
  return Promise.resolve(Buffer.from(JSON.stringify({ type, ...payload })));
};

type Options = {
  readonly shards?: number;
  readonly batchSize?: number;
  readonly pollMs?: number;
  readonly outbox?: OutboxShards;
  readonly encode?: EncodeEvent;
};

export const makeTestRelay = (at: TestDatabase, pool: ServicePool, options: Options = {}) => {
  const { published, state, publisher } = makeFakePublisher();
  const { reported, telemetry } = makeTelemetryRecorder<RelayTelemetry>();
  const relay = makeRelay({
    outbox: options.outbox ?? makeOutboxShards(pool),
    signal: makeOutboxSignal({ connection: appOptions(at), onError: () => undefined }),
    publishBatch: makePublishBatch({
      topicOf,
      encode: options.encode ?? encode,
      publisher,
      continueTrace: (_work, run) => run(),
      currentTraceparent: () => undefined,
    }),
    telemetry,
    shards: options.shards ?? 1,
    batchSize: options.batchSize ?? 10,
    pollMs: options.pollMs ?? 20,
  });
  return { relay, published, state, reported };
};

const INSERT = `INSERT INTO outbox (event_id, event_type, key, payload) VALUES ($1, 'UserErased', $2, $3)`;

/** Inserts a row. `key`: default a new one. */
export const addRow = async (
  on: pg.Pool | pg.PoolClient,
  key: string = randomUUID(),
  payload: object = {},
): Promise<string> => {
  const eventId = randomUUID();
  await on.query(INSERT, [eventId, key, JSON.stringify(payload)]);
  return eventId;
};

export const eventIds = (published: readonly { readonly headers: MessageHeaders }[]): (string | undefined)[] =>
  published.map(({ headers }) => headerText(headers, 'event-id'));

export const countRows = async (pool: ServicePool): Promise<number> => {
  const { rows } = await pool.query<{ count: number }>('SELECT count(*)::integer AS count FROM outbox');
  return rows[0]?.count ?? -1;
};
