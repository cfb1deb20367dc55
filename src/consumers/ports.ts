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
};

/** Messages that wait, by topic and partition: end offset minus committed offset. */
export type Lag = { readonly topic: string; readonly partition: number; readonly messages: number };

export type Subscriber = {
  /** Resolves when the group was joined; rejects with MessagingError BROKER_UNAVAILABLE when that takes too long. Call once. */
  start(subscription: Subscription): Promise<void>;
  lag(): Promise<Lag[]>;
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
