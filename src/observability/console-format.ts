// Log lines for a terminal: `time [pid] LEVEL [dd.service=…,dd.trace_id=…,dd.span_id=…] logger - message` and the other fields.

type Failure = { readonly stack?: string; readonly cause?: Failure };

type Line = Readonly<Record<string, unknown>> & {
  readonly timestamp: string;
  readonly level: string;
  readonly logger?: string;
  readonly msg?: string;
  readonly err?: Failure;
  readonly 'dd.service': string;
  readonly 'dd.trace_id'?: string;
  readonly 'dd.span_id'?: string;
};

const fieldsOf = (rest: object): string =>
  Object.entries(rest)
    .filter(([key]) => !key.startsWith('dd.'))
    .map(([key, value]: [string, unknown]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');

const stacksOf = ({ stack = '', cause }: Failure): string =>
  cause === undefined ? stack : `${stack}\ncaused by ${stacksOf(cause)}`;

/** Converts a JSON line of the logger to text; the stack of an error and its causes follow on separate lines. */
export const toConsoleLine = (json: string, pid: number): string => {
  const { timestamp, level, logger = '', msg = '', err, ...rest } = JSON.parse(json) as Line;
  const { 'dd.service': service, 'dd.trace_id': trace = '', 'dd.span_id': span = '' } = rest;
  const ids = `[dd.service=${service},dd.trace_id=${trace},dd.span_id=${span}]`;
  const failure = err === undefined ? '' : `\n${stacksOf(err)}`;
  return `${timestamp} [${pid}] ${level.toUpperCase().padEnd(5)} ${ids} ${logger} - ${msg}${fieldsOf(rest)}${failure}\n`;
};
