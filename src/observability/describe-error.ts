// Serializes errors for logs with an allow-list. Errors of libraries have properties with input (pg: detail, where,
// parameters; ioredis: command; URL: input), and some quote input in their message.

const DEEPEST_CAUSE = 5;
const CODE = /^[A-Z0-9_]{1,64}$/;
/** Classes of SQLSTATE whose messages name objects, roles and limits. Others may quote a value: 22 the input, P0 whatever a function raises. */
const SQLSTATE_WITHOUT_VALUES = /^(?:08|23|25|28|3D|40|42|53|54|55|57|58)/;

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

/** Libraries append input: node (`… Received …`), fetch (a URL), Redis (the arguments of a command that it does not know). */
const QUOTED_INPUT = /(?:\.? Received |(?<=^Failed to parse URL) from |, with args beginning with: )[\s\S]*$/;

/** User and password of a URL. */
const CREDENTIALS = /(?<=\/\/)[^\s/@]{1,200}@/g;

/** The message, unless it is of a kind that quotes input. */
const safeMessage = (error: Error, code: string | undefined): string => {
  if (error instanceof SyntaxError) return 'text could not be parsed';
  if ('severity' in error && !SQLSTATE_WITHOUT_VALUES.test(code ?? '')) return 'the database rejected a value';
  return error.message.replace(QUOTED_INPUT, '').replaceAll(CREDENTIALS, '');
};

// `at file:///app/server.js:1:2` and `at name (file:///app/server.js:1:2)`; a line without a file and a position could be part of a message
const BARE_FRAME = /^\s+at (?:async )?(?:file:|node:|\/|[A-Z]:\\)[^\s()]+:\d+:\d+$/;
const NAMED_FRAME = /^\s+at [^()@]+ \((?:file:|node:|\/|[A-Z]:\\)[^\s()]+:\d+:\d+\)$/;

/** The frames of a stack. None if the message is not in it: then one of its own lines could look like a frame. */
export const framesOf = (stack: string, message: string): string[] => {
  const start = stack.indexOf(message);
  if (start === -1) return [];
  return stack
    .slice(start + message.length)
    .split('\n')
    .filter((line) => BARE_FRAME.test(line) || NAMED_FRAME.test(line));
};

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
    stack: [`${type}: ${message}`, ...framesOf(error.stack ?? '', error.message)].join('\n'),
    ...(cause === undefined || depth === DEEPEST_CAUSE ? {} : { cause: describe(cause, depth + 1) }),
  };
};

/** Type, code, message, stack and chain of causes; no other property of the error. */
export const describeError = (error: unknown): DescribedError => describe(error, 1);

const MAX_REASON = 500;
const END = /[.:]$/;

/** The messages of an error and of its causes in one line, the cause that explains it last. A cause that is quoted by the error is not repeated. */
export const describeCauses = (error: unknown): string => {
  let text = '';
  let current = error;
  for (let depth = 1; current !== undefined && depth <= DEEPEST_CAUSE; depth += 1) {
    const { message } = describe(current, DEEPEST_CAUSE);
    if (!text.includes(message.trim().replace(END, '')))
      text = text === '' ? message : `${text.trim().replace(END, '')}: ${message}`;
    current = current instanceof Error ? causeOf(current) : undefined;
  }
  return text.replaceAll(/\s+/g, ' ').slice(0, MAX_REASON);
};
