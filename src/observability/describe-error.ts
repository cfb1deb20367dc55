// Serializes errors for logs with an allow-list. Errors of libraries have properties with input (pg: detail, where,
// parameters; ioredis: command; URL: input), and some quote input in their message.

const DEEPEST_CAUSE = 5;
const CODE = /^[A-Z0-9_]{1,64}$/;
const SQLSTATE_DATA_EXCEPTION = /^22[0-9A-Z]{3}$/;

export type DescribedError = {
  readonly type: string;
  readonly code?: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: DescribedError;
};

const loggableCodeOf = (error: Error): string | undefined => {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && CODE.test(code) ? code : undefined;
};

/** The message, unless it is of a kind that quotes input. */
const safeMessage = (error: Error, code: string | undefined): string => {
  if (error instanceof SyntaxError) return 'text could not be parsed';
  if (code !== undefined && SQLSTATE_DATA_EXCEPTION.test(code)) return 'the database rejected a value';
  return error.message.replace(/\.? Received [\s\S]*$/, ''); // node: 'must be of type string. Received …'
};

const framesOf = ({ stack = '', message }: Error): string[] =>
  stack
    .slice(Math.max(0, stack.indexOf(message)) + message.length)
    .split('\n')
    .filter((line) => /^\s+at /.test(line));

const causeOf = (error: Error): unknown =>
  error.cause ?? (error instanceof AggregateError ? error.errors[0] : undefined);

const describe = (error: unknown, depth: number): DescribedError => {
  if (!(error instanceof Error)) return { type: typeof error, message: 'a value that is not an Error was thrown' };
  const type = error.constructor.name || 'Error';
  const code = loggableCodeOf(error);
  const message = safeMessage(error, code);
  const cause = causeOf(error);
  return {
    type,
    ...(code === undefined ? {} : { code }),
    message,
    stack: [`${type}: ${message}`, ...framesOf(error)].join('\n'),
    ...(cause === undefined || depth === DEEPEST_CAUSE ? {} : { cause: describe(cause, depth + 1) }),
  };
};

/** Type, code, message, stack and chain of causes; no other property of the error. */
export const describeError = (error: unknown): DescribedError => describe(error, 1);
