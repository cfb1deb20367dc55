// Outbox to Kafka. One leader per shard takes rows in the order of their ids, sends them, and removes exactly those that were acknowledged.
// It never remembers how far it came: ids are given before the commit, so a lower one may appear after a higher one was sent. A crash between
// acknowledgement and removal sends rows again, in order; consumers have an inbox for that.

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
  /** Longest time that a row waits when its NOTIFY got lost. */
  readonly pollMs: number;
};

const BACKOFF = { firstMs: 100, maxMs: 5000 };
/** How often a process asks for the leadership that another one has: about once in a second. */
const CLAIM = { firstMs: 1000, maxMs: 1000 };

/** Ends early, and quietly, when `until` is aborted. */
const rest = (ms: number, until: AbortSignal): Promise<unknown> =>
  pause(ms, undefined, { signal: until }).catch(() => undefined);

type Shard = Options & { readonly shard: number; readonly wakeUp: WakeUp; readonly closing: AbortSignal };

/** Removes what was acknowledged and parks what was refused, first of all: both are facts already. */
const settle = async (leadership: Leadership, { acknowledged, refused }: BatchOutcome, of: Shard): Promise<void> => {
  if (acknowledged.length > 0) await leadership.remove(acknowledged.map(({ row }) => row.id));
  for (const [topic, rows] of Map.groupBy(acknowledged, ({ topic }) => topic))
    of.telemetry.published({ shard: of.shard, topic, count: rows.length });
  for (const { row, reason } of refused) {
    await leadership.park(row.id, reason);
    of.telemetry.parked({ shard: of.shard, eventId: row.eventId, eventType: row.type, reason });
  }
};

/** Sends until there is nothing to send. While one batch is on its way, the next one is fetched. */
const drain = async (leadership: Leadership, of: Shard, onProgress: () => void): Promise<void> => {
  let rows = await leadership.fetch(of.batchSize, []);
  while (rows.length > 0 && !of.closing.aborted) {
    const onTheirWay = rows.map(({ id }) => id);
    const next = leadership.fetch(of.batchSize, onTheirWay);
    next.catch(() => undefined); // seen below, or this batch failed and it does not matter
    const outcome = await of.publishBatch(rows);
    await settle(leadership, outcome, of);
    if (outcome.failure) throw outcome.failure;
    onProgress();
    // rows behind one that was just parked must wait with it, and only the database knows which
    rows = await (outcome.refused.length === 0 ? next : leadership.fetch(of.batchSize, []));
  }
};

/** Ends when leadership is lost or the relay closes. */
const lead = async (leadership: Leadership, of: Shard): Promise<void> => {
  const backoff = makeBackoff(BACKOFF);
  const over = new AbortController();
  void leadership.lost.then(() => {
    over.abort();
    of.wakeUp.call();
  });
  const until = AbortSignal.any([over.signal, of.closing]);
  while (!until.aborted) {
    try {
      await drain(leadership, of, backoff.reset);
      await of.wakeUp.wait(of.pollMs);
    } catch (err) {
      if (!(err instanceof MessagingError)) throw err; // the database: another connection is needed, and the lock is gone or doubtful
      const { attempt, retryInMs } = backoff.next();
      of.telemetry.interrupted({ shard: of.shard, err, attempt, retryInMs });
      await rest(retryInMs, until);
    }
  }
};

const runShard = async (of: Shard): Promise<void> => {
  const { outbox, shard, shards, telemetry, closing } = of;
  const [backoff, claim] = [makeBackoff(BACKOFF), makeBackoff(CLAIM)];
  while (!closing.aborted) {
    try {
      const leadership = await outbox.lead(shard, shards);
      backoff.reset();
      if (leadership === undefined) {
        await rest(claim.next().retryInMs, closing);
        continue;
      }
      telemetry.leading({ shard, leads: true });
      await lead(leadership, of).finally(async () => {
        telemetry.leading({ shard, leads: false });
        await leadership.resign();
      });
    } catch (err) {
      const { attempt, retryInMs } = backoff.next();
      telemetry.interrupted({ shard, err, attempt, retryInMs });
      await rest(retryInMs, closing);
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
    /** Resolves when the batches on their way were acknowledged and removed, or given up: the rest stays in the table. */
    close: async (): Promise<void> => {
      closing.abort();
      wakeAll();
      await options.signal.close();
      await running;
    },
  };
};

export type Relay = ReturnType<typeof makeRelay>;
