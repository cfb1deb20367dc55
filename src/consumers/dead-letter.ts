// What a dead letter is: a message that could not be handled, unchanged, with headers `dlq-…` about its origin and its error.
// docs/dead-letters.md explains how to inspect and redrive one.

import type { OutgoingMessage } from '../messaging/publisher.ts';
import type { IncomingMessage } from '../messaging/subscriber.ts';

/** What an operator may see of a dead letter: never its key or its value. */
export type DeadLetter = {
  /** Origin of the message; `unknown` if the message is not a dead letter. */
  readonly topic: string;
  readonly partition: string;
  readonly offset: string;
  /** Code or class of the error. */
  readonly error: string;
  readonly traceId: string;
  /** False: the value was too large for the dead-letter topic and was dropped. */
  readonly whole: boolean;
};

export const deadLetterTopic = (topic: string): string => `${topic}.dlq`;

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

/** Key, value and headers as they came. */
export const unchangedMessage = ({ key, value, headers }: IncomingMessage): OutgoingMessage => ({
  key,
  value: value ?? Buffer.alloc(0),
  headers,
});

/** The message before it became a dead letter, for its original topic; `dlq-redriven` counts the redrives. */
export const originalMessage = (deadLetter: IncomingMessage): OutgoingMessage => {
  const redrives = Number.parseInt(deadLetter.headers['dlq-redriven'] ?? '0', 10) || 0;
  const headers = Object.entries(deadLetter.headers).filter(([name]) => !name.startsWith('dlq-'));
  return {
    ...unchangedMessage(deadLetter),
    headers: { ...Object.fromEntries(headers), 'dlq-redriven': String(redrives + 1) },
  };
};
