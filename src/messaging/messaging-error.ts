import { CodedError } from '../errors/coded-error.ts';

/** Errors of publishing, consuming and of the codec. */
export type MessagingErrorCode =
  | 'BROKER_UNAVAILABLE' // no acknowledgement in time: the message may have been written, and is sent again
  | 'REGISTRY_UNAVAILABLE' // the schema registry did not respond, and the schema is not cached
  | 'MESSAGE_REFUSED' // the broker will never accept this message: too large, for example
  | 'TOPICS_REFUSED' // the brokers will not create a topic or an ACL as it is requested
  | 'EVENT_UNENCODABLE' // the payload does not fit the schema of its type
  | 'MESSAGE_UNREADABLE' // not the wire format, an unknown schema, or bytes that do not match it
  | 'EVENT_FORBIDDEN'; // readable, but it holds a value that the domain rejects

const TRANSIENT: ReadonlySet<MessagingErrorCode> = new Set(['BROKER_UNAVAILABLE', 'REGISTRY_UNAVAILABLE']);

export class MessagingError extends CodedError<MessagingErrorCode> {
  /** Whether the same call can succeed later. */
  get isTransient(): boolean {
    return TRANSIENT.has(this.code);
  }
}
