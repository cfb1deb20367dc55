// What the command line of `npm start` means, and what a person reads when it can't start.

import { parseArgs } from 'node:util';
import { CONFIG_EXIT_CODE } from '../config/config-error.ts';
import type { Environment } from '../config/environment.ts';
import { CodedError } from '../errors/coded-error.ts';

const HELP = `Usage: npm start -- [options]

Starts user-service with a PostgreSQL of its own, for trying it out. Ctrl-C ends it.

  --fresh             begin anew: removes the data of earlier starts
  --directory <path>  where the data stays (default: .local)
  --help              this text

Every setting of docs/configuration.md may be given, e.g. HTTP_PORT=8090 npm start.
Exit codes: 0 ended, 1 could not start, 64 wrong usage, 78 wrong configuration.`;

const EXIT = { done: 0, failed: 1, usage: 64 } as const;

export type LocalArguments = { readonly fresh: boolean; readonly directory: string };

const end = (text: string, code: number): never => {
  (code === EXIT.done ? process.stdout : process.stderr).write(`${text}\n`);
  return process.exit(code);
};

/** The options; with `--help`, a wrong one, or an environment that is not a laptop's it says so and ends the process. */
export const readLocalArguments = (args: string[], env: Environment): LocalArguments => {
  const deployment = env.DD_ENV ?? 'local';
  if (deployment !== 'local') {
    return end(`npm start is for DD_ENV=local, not for ${deployment}. Start bin/api there.`, CONFIG_EXIT_CODE);
  }
  try {
    const options = { fresh: { type: 'boolean' }, directory: { type: 'string' }, help: { type: 'boolean' } } as const;
    const { values } = parseArgs({ args, options });
    if (values.help) return end(HELP, EXIT.done);
    return { fresh: values.fresh ?? false, directory: values.directory ?? '.local' };
  } catch (error) {
    return end(`${(error as Error).message}\n\n${HELP}`, EXIT.usage);
  }
};

/** `env` with what a laptop wants unless it was told otherwise, and `fixed` on top. */
export const localEnvironment = (env: Environment, fixed: Environment): Environment => {
  const port = env.HTTP_PORT ?? '8080';
  return {
    HTTP_HOST: '127.0.0.1',
    HTTP_MANAGEMENT_HOST: '127.0.0.1',
    AUTH_ISSUER: `http://localhost:${port}`,
    LOG_FORMAT: 'console',
    LIFECYCLE_DRAIN_DELAY_MS: '0',
    ...env,
    ...fixed,
  };
};

type ListenError = NodeJS.ErrnoException & { readonly port: number };

const isPortTaken = (error: unknown): error is ListenError =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error;

/** One sentence for a fault that a person can mend, everything for one that nobody foresaw. */
export const describeFailure = (error: unknown): string => {
  if (isPortTaken(error)) {
    return `port ${error.port} is taken by another program. End it, or choose others: HTTP_PORT=8090 HTTP_MANAGEMENT_PORT=8091 npm start`;
  }
  const cause = error instanceof Error && error.cause instanceof Error ? `\n${error.cause.message}` : '';
  if (error instanceof CodedError) return `${error.message}${cause}`;
  return error instanceof Error ? `${error.stack ?? error.message}${cause}` : String(error);
};

/** For what fails before there is anything to close. */
export const failEarly = (error: unknown): never =>
  end(
    describeFailure(error),
    error instanceof CodedError && error.code === 'FOLDER_FOREIGN' ? EXIT.usage : EXIT.failed,
  );
