// What the outbox needs from the outside: the table (postgres/), the codec and the broker (kafka/, embedded/).

import type { OrderEvent } from '../orders/events.ts';
import type { UserEvent } from '../users/events.ts';

export type DomainEvent = UserEvent | OrderEvent;
export type EventType = DomainEvent['type'];

/** Writes a fact in the transaction that it is about; bound to it, see `transact`. */
export type OutboxWriter = { add(event: DomainEvent): Promise<void> };

/** An event without its type, as JSON has it: dates are milliseconds since the epoch. */
export type EventPayload = Readonly<Record<string, unknown>>;

/** A row of the outbox. Ids rise with each insert, but transactions commit in any order: a lower id may appear later. */
export type OutboxRow = {
  /** A bigint as text. */
  readonly id: string;
  readonly type: EventType;
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
  /** Removes exactly these rows: nothing else tells that a row was published. */
  remove(ids: readonly string[]): Promise<void>;
  /** Sets a row aside that can't be published, and with it the later rows of its key, until the next leader tries it again. */
  park(id: string, reason: string): Promise<void>;
  /** Resolves when the database ended the leadership. */
  readonly lost: Promise<void>;
  resign(): Promise<void>;
};

export type OutboxShards = {
  /** Leadership of shard `shard` of `shards`, or undefined while another process has it. At most one process leads a shard at any time. */
  lead(shard: number, shards: number): Promise<Leadership | undefined>;
};

/** What waits in the outbox, over all shards. */
export type OutboxState = {
  /** Counts end at 100,000. `oldestSeconds` is the age of the first row that is not parked, 0 without one. */
  read(): Promise<{ pending: number; parked: number; oldestSeconds: number }>;
  /** Lets parked rows be tried again; how many there were. */
  unpark(): Promise<number>;
};

/** Wakes the relay when rows were written; a hint that may be missed, so it polls as well. */
export type OutboxSignal = { listen(onRows: () => void): Promise<void>; close(): Promise<void> };

/** Avro in the wire format of schema registries: a zero byte, four bytes of schema id, the body.
 *  @throws MessagingError EVENT_UNENCODABLE | REGISTRY_UNAVAILABLE */
export type EncodeEvent = (type: EventType, payload: EventPayload) => Promise<Buffer>;

export type OutgoingMessage = {
  /** Undefined only for the copy of a message that came without one: a dead letter. */
  readonly key: string | undefined;
  readonly value: Buffer;
  /** `event-id`, `event-type`, `traceparent` … Text only. */
  readonly headers: Readonly<Record<string, string>>;
};

export type Publisher = {
  /**
   * Resolves when every in-sync replica has all of them (acks = all). Messages of one key keep their order, also across calls that wait for
   * each other.
   * @throws MessagingError BROKER_UNAVAILABLE (within the send deadline, whatever the client does) | MESSAGE_REFUSED
   */
  publish(topic: string, messages: readonly OutgoingMessage[]): Promise<void>;
  /** Resolves within a few seconds although the broker is gone. */
  close(): Promise<void>;
};

/** Business facts of the relay; `observability/event-facts.ts` moves the metric and writes the log line. */
export type RelayFacts = {
  published(fact: { shard: number; topic: string; count: number }): void;
  /** Can't be published as it is; someone has to look. */
  parked(fact: { shard: number; eventId: string; eventType: string; reason: string }): void;
  leading(fact: { shard: number; leads: boolean }): void;
  /** Nothing could be published; it goes on after `retryInMs`. */
  interrupted(fact: { shard: number; err: unknown; attempt: number; retryInMs: number }): void;
};
