import { describe, expect, it } from 'vitest';
import { makeLogger } from '../../../src/observability/logger.ts';
import type { LogFields } from '../../../src/observability/log-fields.ts';
import type { LogIds } from '../../../src/observability/trace-context.ts';

const TRACE = { 'dd.trace_id': '6b03ef320000000039248080d22ab0e2', 'dd.span_id': '790815638006926446' };

type Options = { format?: 'json' | 'console'; level?: string; trace?: LogIds };

const arrange = ({ format = 'json', level = 'debug', trace = {} }: Options = {}) => {
  const written: string[] = [];
  let flushed = 0;
  const destination = {
    write: (text: string) => {
      written.push(text);
    },
    flushSync: () => {
      flushed += 1;
    },
  };
  const logger = makeLogger({
    level,
    format,
    service: 'user-service',
    env: 'test',
    version: '1.2.3',
    traceFields: () => trace,
    destination,
  });
  const only = () => JSON.parse(written.join('')) as Record<string, unknown>;
  return { logger, written, only, flushed: () => flushed };
};

/** Fields of an untyped caller. */
const untyped = (fields: object): LogFields => fields;

describe('the JSON format', () => {
  it('writes one line with flat dd.* keys, the level as text and the time as ISO 8601', () => {
    const { logger, written, only } = arrange({ trace: TRACE });
    logger.child({ logger: 'http' }).info({ method: 'GET', status: 200, durationMs: 1.5 }, 'request completed');
    const { timestamp, ...line } = only();
    expect(line).toEqual({
      level: 'info',
      'dd.service': 'user-service',
      'dd.env': 'test',
      'dd.version': '1.2.3',
      ...TRACE,
      logger: 'http',
      method: 'GET',
      status: 200,
      durationMs: 1.5,
      msg: 'request completed',
    });
    expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(written.join('')).toMatch(/^\{.*\}\n$/);
  });

  it('has no trace keys outside of a trace', () => {
    const { logger, only } = arrange();
    logger.info({}, 'started');
    expect(Object.keys(only()).filter((key) => key.includes('_id'))).toEqual([]);
  });

  it('drops fields that are not on the allow-list from lines and from children', () => {
    const { logger, only } = arrange();
    logger
      .child(untyped({ logger: 'users', email: 'ada@example.com' }))
      .info(untyped({ userId: 'u1', password: 'x' }), 'm');
    const line = only();
    expect(line).toMatchObject({ logger: 'users', userId: 'u1' });
    expect(line).not.toHaveProperty('email');
    expect(line).not.toHaveProperty('password');
  });

  it('drops an object in a field for plain values', () => {
    const { logger, only } = arrange();
    logger.info(untyped({ userId: { email: 'ada@example.com' }, route: ['ada@example.com'] }), 'm');
    expect(JSON.stringify(only())).not.toContain('ada@example.com');
  });

  it('keeps the masked configuration, without nested objects', () => {
    const { logger, only } = arrange();
    logger.info(
      { config: { 'http.port': 8080, 'http.trustProxy': ['::1', '192.0.2.1'], nested: { secret: 'x' } } },
      'settings',
    );
    expect(only().config).toEqual({ 'http.port': 8080, 'http.trustProxy': '::1,192.0.2.1' });
  });

  it('neither uses the message of an error nor interpolates values into a message', () => {
    const { logger, written } = arrange();
    const write = logger.error as unknown as (...args: unknown[]) => void;
    write.call(logger, new Error('canary'.toUpperCase()));
    write.call(logger, {}, 'hello %s', 'canary');
    const lines = written.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ msg }) => msg)).toEqual(['no log message', 'hello %s']);
    expect(written.join('')).not.toContain('canary');
  });

  it('writes nothing below its level', () => {
    const { logger, written } = arrange({ level: 'warn' });
    logger.info({}, 'quiet');
    logger.child({ logger: 'http' }).debug({}, 'quiet');
    expect(written).toEqual([]);
  });

  it('flushes its destination on close', () => {
    const { logger, flushed } = arrange();
    logger.close();
    expect(flushed()).toBe(1);
  });
});

describe('the console format', () => {
  it('writes time, process, level, correlation, logger, message and the other fields', () => {
    const { logger, written } = arrange({ format: 'console', trace: TRACE });
    logger.child({ logger: 'http' }).warn({ status: 503, route: '/users/:id' }, 'rejected');
    const ids = `dd.service=user-service,dd.trace_id=${TRACE['dd.trace_id']},dd.span_id=${TRACE['dd.span_id']}`;
    const [time, rest] = [written[0]?.slice(0, 24), written[0]?.slice(24)];
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(rest).toBe(` [${process.pid}] WARN  [${ids}] http - rejected status=503 route=/users/:id\n`);
  });

  it('leaves absent values empty', () => {
    const { logger, written } = arrange({ format: 'console' });
    logger.info({}, 'started');
    expect(written[0]).toContain('INFO  [dd.service=user-service,dd.trace_id=,dd.span_id=]  - started\n');
  });

  it('writes an error with its stack and its causes on separate lines', () => {
    const { logger, written } = arrange({ format: 'console' });
    logger.error({ err: new Error('outer', { cause: new TypeError('inner') }) }, 'failed');
    expect(written[0]).toMatch(
      / - failed reason=outer: inner\nError: outer\n\s+at [\s\S]*\ncaused by TypeError: inner\n\s+at /,
    );
  });
});
