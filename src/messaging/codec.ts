// Events as bytes. avro/codec.ts implements it: Avro in the wire format of schema registries.

/** An event without its type, as JSON: dates are milliseconds since the epoch. */
export type EventPayload = Readonly<Record<string, unknown>>;

/** @throws MessagingError EVENT_UNENCODABLE | REGISTRY_UNAVAILABLE */
export type EncodeEvent = (type: string, payload: EventPayload) => Promise<Buffer>;

export type DecodedEvent = {
  /** Name of the writer's record, e.g. `OrderPlaced`. */
  readonly type: string;
  /** Read with the newest schema of that type that this release has. */
  readonly payload: EventPayload;
};

/** @throws MessagingError MESSAGE_UNREADABLE | REGISTRY_UNAVAILABLE */
export type DecodeEvent = (value: Buffer) => Promise<DecodedEvent>;
