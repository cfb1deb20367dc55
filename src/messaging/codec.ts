// Events as bytes: Avro in the wire format of schema registries, a zero byte, four bytes of schema id, the body. avro/ implements it.

/** An event without its type, as JSON has it: dates are milliseconds since the epoch. */
export type EventPayload = Readonly<Record<string, unknown>>;

/** @throws MessagingError EVENT_UNENCODABLE | REGISTRY_UNAVAILABLE */
export type EncodeEvent = (type: string, payload: EventPayload) => Promise<Buffer>;

export type DecodedEvent = {
  /** Name of the writer's record, e.g. `OrderPlaced`. */
  readonly type: string;
  /** Read with the newest schema that this release has for that type. */
  readonly payload: EventPayload;
};

/** @throws MessagingError MESSAGE_UNREADABLE | REGISTRY_UNAVAILABLE */
export type DecodeEvent = (value: Buffer) => Promise<DecodedEvent>;
