// The command line of `npm start`: its options, its defaults, and its message when the start fails.

import { ConfigError } from '../config/config-error.ts';
import { variable, variables, type Environment } from '../config/environment.ts';
import { CodedError, codeOf } from '../errors/coded-error.ts';
import { describeFailure, parseOptions, rejectArgument, UsageError } from './command-line.ts';

export const HELP = `Usage: npm start -- [options]

Starts user-service with its own PostgreSQL, to try it out. Press Ctrl-C to stop.

  --fresh             delete the data of earlier starts first
  --directory <path>  where to keep the data (default: .local)
  --help              print this text

Every setting of docs/configuration.md can be set, e.g. HTTP_PORT=8090 npm start.
Exit codes: 0 stopped, 1 start failed, 64 wrong usage, 78 invalid configuration.`;

type LocalArguments = { readonly fresh: boolean; readonly directory: string };

const OPTIONS = {
  fresh: { type: 'boolean', default: false },
  directory: { type: 'string', default: '.local' },
} as const;

/**
 * @throws UsageError for a wrong option
 * @throws ConfigError unless DD_ENV is local
 */
export const readLocalArguments = (args: readonly string[], env: Environment): LocalArguments => {
  const deployment = variable(env, 'DD_ENV') ?? 'local';
  if (deployment !== 'local') {
    throw new ConfigError([{ env: 'DD_ENV', detail: 'must be local for npm start; run bin/api in a deployment' }]);
  }
  const { values, positionals } = parseOptions(args, OPTIONS);
  rejectArgument(positionals[0]);
  return values;
};

/** For `openLocalFolder`: a folder of somebody else is a wrong value of --directory. */
export const rejectForeignFolder = (error: unknown): never => {
  if (error instanceof CodedError && error.code === 'FOLDER_FOREIGN') throw new UsageError(error.message);
  throw error;
};

/** `env` with the defaults of a laptop, and `fixed` on top. */
export const localEnvironment = (env: Environment, fixed: Environment): Environment => {
  const port = variable(env, 'HTTP_PORT') ?? '8080';
  return {
    HTTP_HOST: '127.0.0.1',
    HTTP_MANAGEMENT_HOST: '127.0.0.1',
    AUTH_ISSUER: `http://localhost:${port}`,
    LOG_FORMAT: 'console',
    LIFECYCLE_DRAIN_DELAY_MS: '0',
    ...variables(env),
    ...fixed,
  };
};

type ListenError = NodeJS.ErrnoException & { readonly port: number };

const isPortTaken = (error: unknown): error is ListenError =>
  error instanceof Error && codeOf(error) === 'EADDRINUSE' && 'port' in error;

export const describeStartFailure = (error: unknown): string =>
  isPortTaken(error)
    ? `port ${error.port} is already in use. Stop the other program, or choose other ports: HTTP_PORT=8090 HTTP_MANAGEMENT_PORT=8091 npm start`
    : describeFailure(error);
