import { pino, type DestinationStream, type LogFn, type Logger as PinoLogger } from 'pino';
import { toConsoleLine } from './console-format.ts';
import { makeLineBuffer, type FlushableStream } from './line-buffer.ts';
import { LOG_FIELDS, type Log, type LogFields } from './log-fields.ts';
import type { Trace } from './trace-context.ts';

type Options = {
  readonly level: string;
  readonly format: 'json' | 'console';
  readonly service: string;
  readonly env: string;
  readonly version: string;
  readonly currentTrace: () => Trace | undefined;
  /** Standard output unless told otherwise; `flushSync` is called on close. */
  readonly destination?: DestinationStream & { flushSync?: () => void };
};

/** pino, seen through the allow-list. */
export type Logger = Log & {
  /** May be changed while the process runs. */
  level: string;
  child(bindings: LogFields): Log;
  /** Writes what still waits: the last step of a shutdown. */
  close(): void;
};

type Fields = Record<string, unknown>;

const WRITERS = new Map<string, (value: unknown) => unknown>(Object.entries(LOG_FIELDS));

/** Copies what the allow-list has from `fields` onto `line`. */
const addAllowed = (line: Fields, fields: Fields): Fields => {
  for (const name in fields) {
    const write = WRITERS.get(name);
    // eslint-disable-next-line security/detect-object-injection -- the name is one of the allow-list
    if (write !== undefined) line[name] = write(fields[name]);
  }
  return line;
};

// Datadog and New Relic take `timestamp` for the time of a line without being told; pino's own `time` they don't.
const timestamp = (): string => `,"timestamp":"${new Date().toISOString()}"`;

const asConsole = (destination: DestinationStream): DestinationStream => ({
  write: (json) => {
    destination.write(toConsoleLine(json, process.pid));
  },
});

const STDOUT = 1;

const standardOutput = (format: Options['format']): FlushableStream =>
  format === 'console' ? pino.destination({ dest: STDOUT, sync: true }) : makeLineBuffer(STDOUT);

/** pino would take the error's own message for a missing one, and would format values into the message. */
function onlyFieldsAndMessage(this: PinoLogger, args: unknown[], write: LogFn): void {
  const [first, message] = args;
  if (typeof first === 'string') write.call(this, first);
  else write.call(this, first, typeof message === 'string' ? message : 'logged without a message');
}

type MakeChild = (this: PinoLogger, bindings: Fields) => PinoLogger;

/** A child's bindings are written with each of its lines, so the allow-list holds for them too. */
const withAllowedChildren = (logger: PinoLogger): PinoLogger => {
  const makeChild = Reflect.get(logger, 'child') as unknown as MakeChild;
  const child: MakeChild = function (bindings) {
    return makeChild.call(this, addAllowed({}, bindings));
  };
  Reflect.set(logger, 'child', child);
  return logger;
};

/** @returns a pino logger whose lines and children carry allowed fields only; `close` writes what still waits. */
export const makeLogger = ({ level, format, service, env, version, currentTrace, ...options }: Options): Logger => {
  const destination = options.destination ?? standardOutput(format);
  const toLine = (fields: Fields): Fields => {
    const trace = currentTrace();
    const line: Fields = trace === undefined ? {} : { 'dd.trace_id': trace.traceId, 'dd.span_id': trace.spanId };
    return addAllowed(line, fields);
  };
  const logger = pino(
    {
      level,
      base: { 'dd.service': service, 'dd.env': env, 'dd.version': version },
      timestamp,
      formatters: { level: (label) => ({ level: label }), log: toLine },
      hooks: { logMethod: onlyFieldsAndMessage },
      serializers: { err: (described: unknown) => described }, // the allow-list has made it safe already
    },
    format === 'console' ? asConsole(destination) : destination,
  );
  return Object.assign(withAllowedChildren(logger), {
    close: (): void => {
      destination.flushSync?.();
    },
  });
};
