import { describe, expect, it } from 'vitest';
import {
  describeFailure,
  EXIT,
  explain,
  parseOptions,
  rejectArgument,
  UsageError,
} from '../../../src/composition/command-line.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import { CodedError } from '../../../src/errors/coded-error.ts';

describe('parseOptions', () => {
  it('reads options and positional arguments', () => {
    const { values, positionals } = parseOptions(['up', '--fast', '2'], { fast: { type: 'boolean' } });
    const fast: boolean | undefined = values.fast;
    expect([fast, positionals]).toEqual([true, ['up', '2']]);
  });

  it.each([['--slow'], ['--name']])('rejects %s with a usage error', (option) => {
    expect(() => parseOptions([option], { name: { type: 'string' } })).toThrow(UsageError);
  });
});

describe('rejectArgument', () => {
  it('names the argument, and accepts that there is none', () => {
    expect(() => {
      rejectArgument('now');
    }).toThrow(new UsageError('unexpected argument "now"'));
    expect(() => {
      rejectArgument(undefined);
    }).not.toThrow();
  });
});

describe('explain', () => {
  it('prints a usage error above the help text', () => {
    expect(explain(new UsageError('missing command'), 'HELP')).toEqual({
      text: 'missing command\n\nHELP',
      code: EXIT.usage,
    });
  });

  it('reports every fault of the configuration, with exit code 78', () => {
    const error = new ConfigError([
      { env: 'HTTP_PORT', detail: 'must be an integer' },
      { env: 'LOG_LEVEL', detail: 'is not known' },
    ]);
    const { text, code } = explain(error, 'HELP');
    expect(code).toBe(78);
    expect(text).toMatch(
      /^invalid configuration \(2 errors\)\n {2}HTTP_PORT {2}must be an integer\n {2}LOG_LEVEL {2}is/,
    );
  });

  it('gives any other error exit code 1', () => {
    expect(explain(new CodedError('GONE', 'It is gone.'), 'HELP')).toEqual({ text: 'It is gone.', code: EXIT.failed });
  });
});

describe('describeFailure', () => {
  it('prints the message of a coded error with its cause in one line, and lists its faults', () => {
    const faults = [{ pointer: '/a', detail: 'a is missing' }];
    const error = new CodedError('BROKEN', 'The file is broken.', { faults, cause: new Error('EACCES') });
    expect(describeFailure(error)).toBe('The file is broken: EACCES\n- a is missing');
  });

  it('prints a cause once that the message quotes', () => {
    const error = new CodedError('FAILED', '0001 failed: no such table', { cause: new Error('no such table') });
    expect(describeFailure(error)).toBe('0001 failed: no such table');
  });

  it('prints the stack and the cause of an unexpected error', () => {
    const text = describeFailure(new TypeError('a bug', { cause: new Error('its reason') }));
    expect(text).toMatch(/^TypeError: a bug\n +at [\s\S]*\n- its reason$/);
  });

  it('prints a thrown value that is no error', () => {
    expect(describeFailure('text')).toBe('text');
  });
});
