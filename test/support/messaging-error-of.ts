import { MessagingError } from '../../src/messaging/messaging-error.ts';

/** The MessagingError that `work` rejects with; throws when it resolves or rejects with another error. */
export const messagingErrorOf = async (work: Promise<unknown>): Promise<MessagingError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MessagingError) return error;
  throw new Error('It did not reject with a MessagingError.', { cause: error });
};
