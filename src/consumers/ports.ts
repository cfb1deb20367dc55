// What consuming needs from the outside: the broker and the codec (kafka/, embedded/) and the inbox (postgres/).

export type IncomingMessage = {
  readonly topic: string;
  readonly partition: number;
  /** A 64-bit number as text. */
  readonly offset: string;
  readonly key: string | undefined;
  /** Null is a tombstone. */
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestamp: Date;
};

export type Subscription = {
  readonly topics: readonly string[];
  /**
   * Called for one message of a partition at a time, in order; partitions run beside each other. The offset is committed only after it resolved.
   * When it rejects, the partition is paused and the same message comes again after a backoff, for as long as it takes: what can't be handled
   * at all has to be dead-lettered inside.
   */
  readonly handle: (message: IncomingMessage) => Promise<void>;
  /** False: nothing is committed, so the group stands where it stood; for a look at what is there. True unless told otherwise. */
  readonly commits?: boolean;
};

/** Messages that wait, by topic and partition: end offset minus committed offset. */
export type Lag = { readonly topic: string; readonly partition: number; readonly messages: number };

/** Where a group stands in one partition. Offsets are 64-bit numbers as text; equal ones: nothing waits. */
export type Position = {
  readonly partition: number;
  /** Of the message that the group reads next: its committed offset, else the oldest that is there. */
  readonly next: string;
  /** Of the message that will be written next. */
  readonly end: string;
};

export type Subscriber = {
  /** Resolves when the group was joined; rejects with MessagingError BROKER_UNAVAILABLE when that takes too long. Call once. */
  start(subscription: Subscription): Promise<void>;
  lag(): Promise<Lag[]>;
  /**
   * Where the group stands in `topic` now, by partition; empty when there is no such topic. Works before `start`, for whoever reads up to an end.
   * @throws MessagingError BROKER_UNAVAILABLE
   */
  positions(topic: string): Promise<Position[]>;
  /** Lets the running handlers end, commits, leaves the group. Resolves within a few seconds although the broker is gone. */
  close(): Promise<void>;
};

export type DecodedEvent = {
  /** Name of the writer's record, e.g. `OrderPlaced`. */
  readonly type: string;
  /** Read with the newest schema that this release knows for that type. */
  readonly payload: Readonly<Record<string, unknown>>;
};

/** @throws MessagingError MESSAGE_UNREADABLE | REGISTRY_UNAVAILABLE */
export type DecodeEvent = (value: Buffer) => Promise<DecodedEvent>;

type FailedMessage = Pick<IncomingMessage, 'topic' | 'partition' | 'offset'>;

/** Facts of a consumer; `observability/event-facts.ts` moves the metric and writes the log line, `deadLettered` at level error. */
export type ConsumerFacts = {
  /** The effect is there, or was there before. */
  handled(fact: { topic: string; eventType: string }): void;
  /** A tombstone, or an event that nobody here handles. */
  skipped(fact: { topic: string }): void;
  /** The handler failed in a way that nobody foresaw; it is called again after `retryInMs`. */
  retrying(fact: FailedMessage & { err: unknown; attempt: number; retryInMs: number }): void;
  /** `errorClass` is the code of a coded error, else the name of its class: few values, fit for a label. */
  deadLettered(fact: FailedMessage & { errorClass: string; err: unknown }): void;
};

/** Remembers in the transaction of an effect which event caused it, so that the effect happens once. */
export type Inbox = {
  /** False: `consumer` had this event before, and nothing has to be done. A rival waits for the end of the first one's transaction. */
  add(consumer: string, eventId: string): Promise<boolean>;
};

export type InboxPurge = {
  /** Forgets events older than `olderThanSeconds`, at most `limit`; how many. Keep them for longer than the broker keeps messages. */
  purge(olderThanSeconds: number, limit: number): Promise<number>;
};
