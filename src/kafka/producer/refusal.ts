/** Error codes of the Kafka protocol that the same message meets each time. https://kafka.apache.org/protocol#protocol_error_codes */
const REFUSALS: ReadonlySet<unknown> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'INVALID_TOPIC_EXCEPTION',
]);

type ClientError = {
  /** Where kafkajs has the code. */
  readonly type?: unknown;
  /** Where @platformatic/kafka has it. */
  readonly apiId?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
};

/** Whether the broker said that it will never take this message, anywhere in what a client threw. */
export const isRefusal = (error: unknown): boolean => {
  if (typeof error !== 'object' || error === null) return false;
  const { type, apiId, cause, errors } = error as ClientError;
  if (REFUSALS.has(type) || REFUSALS.has(apiId)) return true;
  return isRefusal(cause) || (Array.isArray(errors) && errors.some(isRefusal));
};
