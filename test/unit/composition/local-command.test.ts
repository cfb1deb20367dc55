import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/composition/command-line.ts';
import {
  describeStartFailure,
  localEnvironment,
  readLocalArguments,
  rejectForeignFolder,
} from '../../../src/composition/local-command.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import { CodedError } from '../../../src/errors/coded-error.ts';

describe('the command line of npm start', () => {
  it('has defaults', () => {
    expect(readLocalArguments([], {})).toEqual({ fresh: false, directory: '.local' });
  });

  it('reads its options', () => {
    const args = ['--fresh', '--directory', '/data'];
    expect(readLocalArguments(args, { DD_ENV: 'local' })).toEqual({ fresh: true, directory: '/data' });
  });

  it.each([['--frsh'], ['fresh'], ['--directory']])('rejects %s', (argument) => {
    expect(() => readLocalArguments([argument], {})).toThrow(UsageError);
  });

  it('rejects a DD_ENV other than local', () => {
    expect(() => readLocalArguments([], { DD_ENV: 'production' })).toThrow(ConfigError);
  });

  it('treats a folder of somebody else as a wrong option, and rethrows any other error', () => {
    expect(() => rejectForeignFolder(new CodedError('FOLDER_FOREIGN', 'not ours'))).toThrow(new UsageError('not ours'));
    const inUse = new CodedError('POSTGRES_IN_USE', 'in use');
    expect(() => rejectForeignFolder(inUse)).toThrow(inUse);
  });
});

describe('localEnvironment', () => {
  it('gives a laptop defaults that the environment overrides', () => {
    expect(localEnvironment({}, {})).toMatchObject({ HTTP_HOST: '127.0.0.1', AUTH_ISSUER: 'http://localhost:8080' });
    expect(localEnvironment({ HTTP_PORT: '9000', LOG_FORMAT: 'json' }, {})).toMatchObject({
      AUTH_ISSUER: 'http://localhost:9000',
      LOG_FORMAT: 'json',
    });
  });

  it('gives its defaults for empty variables, and for links of Kubernetes and Docker', () => {
    const empty = {
      HTTP_HOST: '',
      HTTP_MANAGEMENT_HOST: '',
      AUTH_ISSUER: '',
      LOG_FORMAT: '',
      LIFECYCLE_DRAIN_DELAY_MS: '',
    };
    expect(localEnvironment({ ...empty, HTTP_PORT: 'tcp://10.0.0.1:80' }, {})).toEqual({
      HTTP_HOST: '127.0.0.1',
      HTTP_MANAGEMENT_HOST: '127.0.0.1',
      AUTH_ISSUER: 'http://localhost:8080',
      LOG_FORMAT: 'console',
      LIFECYCLE_DRAIN_DELAY_MS: '0',
    });
    expect(readLocalArguments([], { DD_ENV: '' })).toMatchObject({ fresh: false });
  });

  it('puts fixed values above the environment', () => {
    expect(localEnvironment({ SECRETS_DIR: '/a' }, { SECRETS_DIR: '/b' })).toMatchObject({ SECRETS_DIR: '/b' });
  });
});

describe('describeStartFailure', () => {
  it('says how to choose another port', () => {
    const error = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', port: 8080 });
    expect(describeStartFailure(error)).toMatch(/^port 8080 is already in use\..*HTTP_PORT=8090/);
  });

  it('describes any other error as every command does', () => {
    expect(describeStartFailure(new CodedError('POSTGRES_IN_USE', 'in use'))).toBe('in use');
  });
});
