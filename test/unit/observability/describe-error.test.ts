import { describe, expect, it } from 'vitest';
import { describeCauses, describeError, framesOf } from '../../../src/observability/describe-error.ts';

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('describeError', () => {
  it('returns type, code, message, stack and the chain of causes', () => {
    const cause = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED', address: '::1' });
    const described = describeError(new TypeError('outer', { cause }));
    expect(described).toMatchObject({
      type: 'TypeError',
      message: 'outer',
      cause: { type: 'Error', code: 'ECONNREFUSED', message: 'connect refused' },
    });
    expect(described.stack).toMatch(/^TypeError: outer\n\s+at .*describe-error\.test\.ts/);
    expect(Object.keys(described.cause ?? {})).toEqual(['type', 'code', 'message', 'stack']);
  });

  it('drops the properties in which pg quotes rows and parameters', () => {
    const error = Object.assign(new Error('duplicate key value violates unique constraint "users_email_key"'), {
      code: '23505',
      severity: 'ERROR',
      detail: 'Key (email)=(ada@example.com) already exists.',
      where: 'ada@example.com',
      parameters: ['ada@example.com'],
    });
    expect(describeError(error)).toMatchObject({ code: '23505', message: error.message });
    expect(JSON.stringify(describeError(error))).not.toContain('ada@example.com');
  });

  it.each([
    [
      'pg: a value of the wrong type',
      Object.assign(new Error('invalid input syntax for type uuid: "canary"'), { code: '22P02', severity: 'ERROR' }),
    ],
    [
      'pg: an error raised by a function',
      Object.assign(new Error('row is (canary)'), { code: 'P0001', severity: 'ERROR' }),
    ],
    ['pg: an error without a code', Object.assign(new Error('canary'), { severity: 'ERROR' })],
    ['JSON', thrownBy(() => JSON.parse('canary'))],
    ['node: a URL', thrownBy(() => new URL('canary'))],
    ['node: a wrong type', thrownBy(() => Buffer.alloc('canary' as unknown as number))],
    [
      'redis: a command that it does not know',
      new Error("ERR unknown command 'EVALSHA', with args beginning with: 'canary' 'x' "),
    ],
    ['fetch: a URL', new TypeError('Failed to parse URL from canary')],
    ['a value that is not an Error', 'canary'],
    ['an invalid code', Object.assign(new Error('x'), { code: 'canary is here' })],
  ])('does not quote the input: %s', (_, error) => {
    expect(JSON.stringify(describeError(error))).not.toContain('canary');
  });

  it('keeps the stack frames but not the other lines of a message', () => {
    const { stack } = describeError(new SyntaxError('first\n    at canary (line 2)\ncanary'));
    expect(stack).toMatch(/^SyntaxError: text could not be parsed\n\s+at /);
    expect(stack).not.toContain('canary');
  });

  it('takes no frames from a stack with another message, and only frames with a file and a line', () => {
    const stack = 'Error: first\n    at canary (line 2)\n    at run (/app/x.js:1:2)';
    expect(framesOf(stack, 'changed')).toEqual([]);
    expect(framesOf(stack, 'first')).toEqual(['    at run (/app/x.js:1:2)']);
  });

  it('uses the first of several errors as the cause', () => {
    const error = new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]);
    expect(describeError(error).cause?.message).toBe('::1 refused');
  });

  it('stops at the fifth error of a chain, also of a circular one', () => {
    const error = new Error('again');
    error.cause = error;
    const depth = (described: ReturnType<typeof describeError>): number =>
      described.cause === undefined ? 1 : 1 + depth(described.cause);
    expect(depth(describeError(error))).toBe(5);
  });
});

describe('describeCauses', () => {
  it('puts the messages of an error and its causes into one line', () => {
    const refused = new Error('password authentication failed\n for user "x"');
    const error = new Error('The database cannot be reached.', { cause: new Error('', { cause: refused }) });
    expect(describeCauses(error)).toBe('The database cannot be reached: password authentication failed for user "x"');
  });

  it('looks into the errors of several addresses, and repeats nothing that was said', () => {
    const refused = new AggregateError([new Error('connect ECONNREFUSED ::1:5432')]);
    expect(describeCauses(new Error('down', { cause: refused }))).toBe('down: connect ECONNREFUSED ::1:5432');
    expect(describeCauses(new Error('0001 failed: no table', { cause: new Error('no table') }))).toBe(
      '0001 failed: no table',
    );
  });

  it('contains no credentials of a URL and no quoted input', () => {
    const text = describeCauses(new Error('GET http://ann:canary@registry:8080/x failed', { cause: 'canary' }));
    expect(text).toBe('GET http://registry:8080/x failed: a value that is not an Error was thrown');
  });

  it('ends with a circular chain, and after 500 characters', () => {
    const error = new Error('again');
    error.cause = error;
    expect(describeCauses(error)).toBe('again');
    expect(describeCauses(new Error('x'.repeat(1000)))).toHaveLength(500);
  });
});
