const innermost = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const inner: unknown = error.cause ?? (error instanceof AggregateError ? error.errors.at(-1) : undefined);
  return inner === undefined ? error : innermost(inner);
};

/**
 * The error that began it, as the cause of the error that the caller saw. A client library nests one error per level and attempt, and a log shows
 * a few causes: a password that is not accepted would be the sixth.
 */
export const withRootCause = (error: unknown): unknown => {
  const root = innermost(error);
  return error instanceof Error && root !== error ? new Error(error.message, { cause: root }) : error;
};
