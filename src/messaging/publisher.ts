// The port for publishing. kafka/producer/ implements it for both client libraries, embedded/ in memory.

export type OutgoingMessage = {
  /** Undefined only for a dead letter whose original message had none. */
  readonly key: string | undefined;
  readonly value: Buffer;
  /** `event-id`, `event-type`, `traceparent` … Text only. */
  readonly headers: Readonly<Record<string, string>>;
};

export type Publisher = {
  /**
   * Resolves when every in-sync replica has all messages (acks = all). Messages with the same key keep their order, also across calls that are
   * awaited one after the other.
   * @throws MessagingError BROKER_UNAVAILABLE (within the send deadline, whatever the client does) | MESSAGE_REFUSED
   */
  publish(topic: string, messages: readonly OutgoingMessage[]): Promise<void>;
  /** Resolves within a few seconds even if the broker is unreachable. */
  close(): Promise<void>;
};
