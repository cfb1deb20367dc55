import { CodedError } from '../errors/coded-error.ts';

/** What the ports of events throw; see outbox/ports.ts and consumers/ports.ts. */
export type MessagingErrorCode =
  | 'BROKER_UNAVAILABLE' // no acknowledgement in time: it may have been written, so it is sent again
  | 'REGISTRY_UNAVAILABLE' // the schema registry did not answer, and the schema is not a known field yet
  | 'MESSAGE_REFUSED' // the broker will never take this message: too large, for example
  | 'EVENT_UNENCODABLE' // the payload does not fit the schema of its type
  | 'MESSAGE_UNREADABLE' // no wire format of ours, an unknown schema, or bytes that do not fit it
  | 'EVENT_FORBIDDEN'; // readable, but it holds a value that the domain refuses

const PASSES: ReadonlySet<MessagingErrorCode> = new Set(['BROKER_UNAVAILABLE', 'REGISTRY_UNAVAILABLE']);

export class MessagingError extends CodedError<MessagingErrorCode> {
  /** Whether the same call can succeed later. */
  get passes(): boolean {
    return PASSES.has(this.code);
  }
}
