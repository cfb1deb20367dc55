import type { OutgoingMessage } from '../messaging/publisher.ts';
import type { IncomingMessage } from '../messaging/subscriber.ts';

/** What an operator may see of a dead letter: never its key or its bytes. */
export type DeadLetter = {
  /** Where the message was when it could not be handled; `unknown` for what is no dead letter at all. */
  readonly topic: string;
  readonly partition: string;
  readonly offset: string;
  /** Code or class of the error. */
  readonly error: string;
  readonly traceId: string;
  /** False: only its headers fitted into the dead-letter topic. */
  readonly whole: boolean;
};

export const readDeadLetter = ({ headers }: IncomingMessage): DeadLetter => {
  const unknown = 'unknown';
  return {
    topic: headers['dlq-topic'] ?? unknown,
    partition: headers['dlq-partition'] ?? unknown,
    offset: headers['dlq-offset'] ?? unknown,
    error: headers['dlq-error'] ?? unknown,
    traceId: headers['dlq-trace-id'] ?? unknown,
    whole: headers['dlq-value-dropped'] === undefined,
  };
};

/** The letter as it is, for its own topic. */
export const unchangedMessage = ({ key, value, headers }: IncomingMessage): OutgoingMessage => ({
  key,
  value: value ?? Buffer.alloc(0),
  headers,
});

/** The message that it was, for its origin; `dlq-redriven` counts how often that was done. */
export const originalMessage = (message: IncomingMessage): OutgoingMessage => {
  const times = Number.parseInt(message.headers['dlq-redriven'] ?? '0', 10) || 0;
  const original = Object.entries(message.headers).filter(([name]) => !name.startsWith('dlq-'));
  return {
    ...unchangedMessage(message),
    headers: { ...Object.fromEntries(original), 'dlq-redriven': String(times + 1) },
  };
};
