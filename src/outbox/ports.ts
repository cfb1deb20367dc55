// What the relay needs from the table `outbox` (postgres/outbox/) and from telemetry. Codec and publisher are in messaging/.

import type { EventPayload } from '../messaging/codec.ts';

/** A row of the outbox. Ids increase with each insert, but transactions commit in any order: a lower id may become visible later. */
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
  /** At most `limit` rows in the order of their ids, without `except` and without rows whose key has an earlier parked row. */
  fetch(limit: number, except: readonly string[]): Promise<OutboxRow[]>;
  /** Deletes exactly these rows: a deleted row was published, there is no other marker. */
  remove(ids: readonly string[]): Promise<void>;
  /** Parks a row that can't be published, and thereby the later rows of its key, until the next leader retries it. */
  park(id: string, reason: string): Promise<void>;
  /** Resolves when the leadership ends with its database connection, or because that is to be replaced: `fetch` returns no rows then. */
  readonly lost: Promise<void>;
  resign(): Promise<void>;
};

export type OutboxShards = {
  /** Leadership of shard `shard` of `shards`, undefined while another process has it. At most one process leads a shard at any time. */
  lead(shard: number, shards: number): Promise<Leadership | undefined>;
};

/** Wakes the relay when rows were written. A notification may be lost, so the relay polls as well. */
export type OutboxSignal = { listen(onRows: () => void): Promise<void>; close(): Promise<void> };

/** Telemetry of the relay; `observability/relay-telemetry.ts` updates the metrics and writes the log lines. */
export type RelayTelemetry = {
  published(details: { shard: number; topic: string; count: number }): void;
  /** The event can't be published and needs an operator. */
  parked(details: { shard: number; eventId: string; eventType: string; reason: string }): void;
  leading(details: { shard: number; leads: boolean }): void;
  /** Nothing could be published; the relay retries after `retryInMs`. */
  interrupted(details: { shard: number; err: unknown; attempt: number; retryInMs: number }): void;
};
