// Whatever a caller logs, only fields of the allow-list are written. A canary stands for an e-mail, a token or a body.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOG_FIELDS, type LogFields } from '../../src/observability/log-fields.ts';
import { makeLogger } from '../../src/observability/logger.ts';

const CANARY = 'c4n4ry@example.com';
const NAMES = Object.keys(LOG_FIELDS);
const FORMATS = ['json', 'console'] as const;

/** The text that `write` logs. */
const written = (format: (typeof FORMATS)[number], write: (log: ReturnType<typeof makeLogger>) => void): string => {
  const lines: string[] = [];
  const destination = {
    write: (line: string) => {
      lines.push(line);
    },
  };
  const traceFields = () => ({});
  const options = { level: 'trace', service: 's', env: 'test', version: '1', traceFields, destination };
  write(makeLogger({ ...options, format }));
  return lines.join('');
};

const format = fc.constantFrom(...FORMATS);

/** Any object, array or text that contains the canary, as value or as key. */
const { carrier } = fc.letrec<{ carrier: unknown }>((tie) => ({
  carrier: fc.oneof(
    { maxDepth: 4 },
    fc.constant(CANARY),
    fc.tuple(fc.string(), fc.string()).map(([before, after]) => `${before}${CANARY}${after}`),
    fc.tuple(fc.string(), tie('carrier')).map(([key, value]) => ({ [key]: value })),
    fc.tuple(fc.constantFrom(...NAMES), tie('carrier')).map(([key, value]) => ({ [key]: value })),
    fc.constant({ [CANARY]: 1 }),
    tie('carrier').map((value) => [value]),
  ),
}));

const unlisted = fc.oneof(
  fc.string().filter((name) => !NAMES.includes(name)),
  fc.constantFrom('email', 'password', 'token', 'body', 'req', 'headers', 'Err', 'user.id', '__proto__', 'constructor'),
);
const plainName = fc.constantFrom(...NAMES.filter((name) => name !== 'err' && name !== 'config'));

const fieldsOf = (entries: [string, unknown][]): LogFields => Object.fromEntries(entries);

describe('a log line', () => {
  it('has nothing of a field that is not on the allow-list, in lines and in children', () => {
    fc.assert(
      fc.property(format, fc.array(fc.tuple(unlisted, carrier), { minLength: 1 }), (how, entries) => {
        const line = written(how, (log) => {
          log.child(fieldsOf(entries)).warn({ userId: 'u1', ...fieldsOf(entries) }, 'message');
        });
        expect(line).not.toContain(CANARY);
        expect(line).toContain('u1');
      }),
    );
  });

  it('has nothing of an object in a field for plain values', () => {
    const inside = carrier.filter((value) => typeof value === 'object');
    fc.assert(
      fc.property(format, plainName, inside, (how, name, value) => {
        expect(
          written(how, (log) => {
            log.info(fieldsOf([[name, value]]), 'message');
          }),
        ).not.toContain(CANARY);
      }),
    );
  });

  it('has nothing of the properties of an error or of its causes', () => {
    const errorField = fc.oneof(
      fc
        .string({ minLength: 1 })
        .filter((name) => !['message', 'stack', 'name', 'cause', 'constructor'].includes(name)),
      fc.constantFrom(
        'detail',
        'where',
        'hint',
        'parameters',
        'query',
        'command',
        'input',
        'code',
        'errno',
        'config',
        'response',
      ),
    );
    fc.assert(
      fc.property(
        format,
        fc.array(fc.tuple(errorField, carrier), { minLength: 1 }),
        fc.nat(6),
        (how, fields, depth) => {
          let err: unknown = Object.assign(new Error('inner'), Object.fromEntries(fields));
          for (let i = 0; i < depth; i += 1)
            err = Object.assign(new Error('outer', { cause: err }), Object.fromEntries(fields));
          expect(
            written(how, (log) => {
              log.error({ err }, 'message');
            }),
          ).not.toContain(CANARY);
        },
      ),
    );
  });

  it('has nothing of a thrown value or a cause that is not an Error', () => {
    fc.assert(
      fc.property(format, carrier, (how, value) => {
        const err = new Error('outer', { cause: value });
        expect(
          written(how, (log) => {
            log.error({ err }, 'message');
          }),
        ).not.toContain(CANARY);
        expect(
          written(how, (log) => {
            log.error({ err: value }, 'message');
          }),
        ).not.toContain(CANARY);
      }),
    );
  });
});
