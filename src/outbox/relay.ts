// Outbox to Kafka. One leader per shard fetches rows in the order of their ids, publishes them, and deletes exactly those that were acknowledged.
// It stores no position: ids are assigned before the commit, so a lower id may become visible after a higher one was published. A crash between
// acknowledgement and deletion publishes rows again, in order; consumers detect duplicates with their inbox.

import { setTimeout as pause } from 'node:timers/promises';

import { MessagingError } from '../messaging/messaging-error.ts';
import { makeBackoff } from '../resilience/backoff.ts';
import type { Leadership, OutboxShards, OutboxSignal, RelayTelemetry } from './ports.ts';
import type { BatchOutcome, PublishBatch } from './publish-batch.ts';
import { makeWakeUp, type WakeUp } from './wake-up.ts';

type Options = {
  readonly outbox: OutboxShards;
  readonly signal: OutboxSignal;
  readonly publishBatch: PublishBatch;
  readonly telemetry: RelayTelemetry;
  /** 1, 2, 4, 8 or 16. Each is led by one process. */
  readonly shards: number;
  readonly batchSize: number;
  /** Maximum delay of a row whose NOTIFY was lost. */
  readonly pollMs: number;
};

const BACKOFF = { firstMs: 100, maxMs: 5000 };
/** How often a standby process tries to become the leader: about once per second. */
const CLAIM = { firstMs: 1000, maxMs: 1000 };

/** Ends early when `until` is aborted; never rejects. */
const sleep = (ms: number, until: AbortSignal): Promise<unknown> =>
  pause(ms, undefined, { signal: until }).catch(() => undefined);

type ShardOptions = Options & { readonly shard: number; readonly wakeUp: WakeUp; readonly closing: AbortSignal };

/** Deletes the acknowledged rows and parks the rejected ones, also when other rows of the batch failed. */
const settle = async (
  leadership: Leadership,
  { acknowledged, rejected }: BatchOutcome,
  options: ShardOptions,
): Promise<void> => {
  if (acknowledged.length > 0) await leadership.remove(acknowledged.map(({ row }) => row.id));
  for (const [topic, rows] of Map.groupBy(acknowledged, ({ topic }) => topic))
    options.telemetry.published({ shard: options.shard, topic, count: rows.length });
  for (const { row, reason } of rejected) {
    await leadership.park(row.id, reason);
    options.telemetry.parked({ shard: options.shard, eventId: row.eventId, eventType: row.type, reason });
  }
};

/** Publishes until no rows are left. Fetches the next batch while the current one is published. */
const drain = async (leadership: Leadership, options: ShardOptions, onProgress: () => void): Promise<void> => {
  let rows = await leadership.fetch(options.batchSize, []);
  while (rows.length > 0 && !options.closing.aborted) {
    const inFlight = rows.map(({ id }) => id);
    const next = leadership.fetch(options.batchSize, inFlight);
    next.catch(() => undefined); // awaited below, or irrelevant because this batch failed
    const outcome = await options.publishBatch(rows);
    await settle(leadership, outcome, options);
    if (outcome.failure) throw outcome.failure;
    onProgress();
    // rows behind one that was just parked must wait with it, and only the database knows them
    rows = await (outcome.rejected.length === 0 ? next : leadership.fetch(options.batchSize, []));
  }
};

/** Runs until the leadership is lost or the relay closes. */
const lead = async (leadership: Leadership, options: ShardOptions): Promise<void> => {
  const backoff = makeBackoff(BACKOFF);
  const over = new AbortController();
  void leadership.lost.then(() => {
    over.abort();
    options.wakeUp.call();
  });
  const until = AbortSignal.any([over.signal, options.closing]);
  while (!until.aborted) {
    try {
      await drain(leadership, options, backoff.reset);
      await options.wakeUp.wait(options.pollMs);
    } catch (err) {
      if (!(err instanceof MessagingError)) throw err; // an error of the database: the lock may be lost, so lead again on a new connection
      const { attempt, retryInMs } = backoff.next();
      options.telemetry.interrupted({ shard: options.shard, err, attempt, retryInMs });
      await sleep(retryInMs, until);
    }
  }
};

const runShard = async (options: ShardOptions): Promise<void> => {
  const { outbox, shard, shards, telemetry, closing } = options;
  const [backoff, claim] = [makeBackoff(BACKOFF), makeBackoff(CLAIM)];
  while (!closing.aborted) {
    try {
      const leadership = await outbox.lead(shard, shards);
      backoff.reset();
      if (leadership === undefined) {
        await sleep(claim.next().retryInMs, closing);
        continue;
      }
      telemetry.leading({ shard, leads: true });
      await lead(leadership, options).finally(async () => {
        telemetry.leading({ shard, leads: false });
        await leadership.resign();
      });
    } catch (err) {
      const { attempt, retryInMs } = backoff.next();
      telemetry.interrupted({ shard, err, attempt, retryInMs });
      await sleep(retryInMs, closing);
    }
  }
};

export const makeRelay = (options: Options) => {
  const closing = new AbortController();
  const shards = Array.from({ length: options.shards }, (_, shard) => ({
    ...options,
    shard,
    wakeUp: makeWakeUp(),
    closing: closing.signal,
  }));
  const wakeAll = (): void => {
    for (const { wakeUp } of shards) wakeUp.call();
  };
  let running: Promise<unknown> = Promise.resolve();

  return {
    start: (): void => {
      running = Promise.all(shards.map(runShard));
      void options.signal.listen(wakeAll);
    },
    /** Resolves when the current batches are settled; rows that were not acknowledged stay in the table. */
    close: async (): Promise<void> => {
      closing.abort();
      wakeAll();
      await options.signal.close();
      await running;
    },
  };
};
