import { pino, type DestinationStream, type LogFn, type Logger as PinoLogger } from 'pino';

import { toConsoleLine } from './console-format.ts';
import { describeCauses } from './describe-error.ts';
import { makeLineBuffer, type FlushableStream } from './line-buffer.ts';
import { LOG_FIELDS, type Log, type LogFields } from './log-fields.ts';
import { makeOutages, type Outages } from './outages.ts';

type Options = {
  readonly level: string;
  readonly format: 'json' | 'console';
  readonly service: string;
  readonly env: string;
  readonly version: string;
  /** The ids of the current trace, by the names that the product in use gives them on a log line. */
  readonly traceFields: () => Readonly<Record<string, string>>;
  /** Default: standard output. `flushSync` is called on close. */
  readonly destination?: DestinationStream & { flushSync?: () => void };
};

/** pino, restricted to the allow-list. */
export type Logger = Log & {
  /** May change while the process runs. */
  level: string;
  child(bindings: LogFields): Log;
  /** Takes the results of readiness checks, so that an outage is one warning however long it lasts. */
  readonly outages: Pick<Outages, 'isDown' | 'isUp'>;
  /** Writes a finished line to the same stream, at once and in order with the others, whatever the level: for the audit log. */
  writeThrough(line: string): void;
  /** Writes the buffered lines: the last step of a shutdown. */
  close(): void;
};

type Fields = Record<string, unknown>;

const SERIALIZERS = new Map<string, (value: unknown) => unknown>(Object.entries(LOG_FIELDS));

/** Copies the fields of the allow-list from `fields` to `line`. */
const addAllowed = (line: Fields, fields: Fields): Fields => {
  for (const name in fields) {
    const serialize = SERIALIZERS.get(name);
    // eslint-disable-next-line security/detect-object-injection -- the name is on the allow-list
    if (serialize !== undefined) line[name] = serialize(fields[name]);
  }
  return line;
};

// Datadog and New Relic recognize `timestamp` as the time of a line by default, but not pino's own `time`.
const timestamp = (): string => `,"timestamp":"${new Date().toISOString()}"`;

const asConsole = (destination: DestinationStream): DestinationStream => ({
  write: (json) => {
    destination.write(toConsoleLine(json, process.pid));
  },
});

const STDOUT = 1;

const standardOutput = (format: Options['format']): FlushableStream =>
  format === 'console' ? pino.destination({ dest: STDOUT, sync: true }) : makeLineBuffer(STDOUT);

const WARN = 40;

/** A further failure in the same outage. A line with `dependency` is about the outage itself. */
const isRepeated = (outages: Outages, fields: unknown, level: number): boolean =>
  level === WARN &&
  typeof fields === 'object' &&
  fields !== null &&
  'err' in fields &&
  !('dependency' in fields) &&
  !outages.isNews(fields.err);

/** pino would use the message of an error when none is given, and would interpolate values into the message. */
const makeLogMethod = (outages: Outages) =>
  function onlyFieldsAndMessage(this: PinoLogger, args: unknown[], write: LogFn, level: number): void {
    const [first, message] = args;
    const text = typeof message === 'string' ? message : 'no log message';
    if (typeof first === 'string') write.call(this, first);
    else if (isRepeated(outages, first, level)) this.debug(first, text);
    else write.call(this, first, text);
  };

/** Why, in one line: the stacks of `err` are long, and the cause is at their end. */
const withReason = (fields: Fields): Fields =>
  fields.err === undefined || fields.reason !== undefined ? fields : { ...fields, reason: describeCauses(fields.err) };

type MakeChild = (this: PinoLogger, bindings: Fields) => PinoLogger;

/** The bindings of a child are part of each of its lines, so the allow-list applies to them too. */
const withAllowedChildren = (logger: PinoLogger): PinoLogger => {
  const makeChild = Reflect.get(logger, 'child') as unknown as MakeChild;
  const child: MakeChild = function (bindings) {
    return makeChild.call(this, addAllowed({}, bindings));
  };
  Reflect.set(logger, 'child', child);
  return logger;
};

/** @returns a pino logger whose lines and children have allowed fields only */
export const makeLogger = ({ level, format, service, env, version, traceFields, ...options }: Options): Logger => {
  const destination = options.destination ?? standardOutput(format);
  const toLine = (fields: Fields): Fields => addAllowed({ ...traceFields() }, withReason(fields));
  const outages = makeOutages({
    onEnd: (outage) => {
      logger.info(outage, 'failures of a dependency ended');
    },
  });
  const logger = pino(
    {
      level,
      base: { 'dd.service': service, 'dd.env': env, 'dd.version': version },
      timestamp,
      formatters: { level: (label) => ({ level: label }), log: toLine },
      hooks: { logMethod: makeLogMethod(outages) },
      serializers: { err: (described: unknown) => described }, // `describeError` of the allow-list has serialized it
    },
    format === 'console' ? asConsole(destination) : destination,
  );
  return Object.assign(withAllowedChildren(logger), {
    outages,
    writeThrough: (line: string): void => {
      destination.write(line);
      destination.flushSync?.();
    },
    close: (): void => {
      outages.close();
      destination.flushSync?.();
    },
  });
};
