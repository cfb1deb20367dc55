// What the relay needs from the table `outbox` (postgres/outbox/) and from telemetry. Codec and publisher: see messaging/.

import type { EventPayload } from '../messaging/codec.ts';

/** A row of the outbox. Ids increase with each insert, but transactions commit in any order: a lower id may appear later. */
export type OutboxRow = {
  /** A bigint as text. */
  readonly id: string;
  readonly type: string;
  /** The aggregate's id; rows of one key are published in the order of their ids. */
  readonly key: string;
  readonly eventId: string;
  readonly payload: EventPayload;
  /** W3C trace context of the request that wrote it. */
  readonly traceparent: string | undefined;
  readonly createdAt: Date;
};

/** The rows of one shard, as its leader sees them. Each call rejects once leadership is lost. */
export type Leadership = {
  /** At most `limit` rows in the order of their ids, without those of a key that has a parked row before them. */
  fetch(limit: number, except: readonly string[]): Promise<OutboxRow[]>;
  /** Removes exactly these rows: a row that is gone was published, there is no other mark. */
  remove(ids: readonly string[]): Promise<void>;
  /** Parks a row that can't be published, and with it the later rows of its key, until the next leader tries it again. */
  park(id: string, reason: string): Promise<void>;
  /** Resolves when the database ended the leadership. */
  readonly lost: Promise<void>;
  resign(): Promise<void>;
};

export type OutboxShards = {
  /** Leadership of shard `shard` of `shards`, or undefined while another process has it. At most one process leads a shard at any time. */
  lead(shard: number, shards: number): Promise<Leadership | undefined>;
};

/** Wakes the relay when rows were written. A notification may be lost, so the relay polls as well. */
export type OutboxSignal = { listen(onRows: () => void): Promise<void>; close(): Promise<void> };

/** Telemetry of the relay; `observability/relay-telemetry.ts` updates the metrics and writes the log lines. */
export type RelayTelemetry = {
  published(details: { shard: number; topic: string; count: number }): void;
  /** The event can't be published; an operator has to act. */
  parked(details: { shard: number; eventId: string; eventType: string; reason: string }): void;
  leading(details: { shard: number; leads: boolean }): void;
  /** Nothing could be published; the relay retries after `retryInMs`. */
  interrupted(details: { shard: number; err: unknown; attempt: number; retryInMs: number }): void;
};
