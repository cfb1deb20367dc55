// The command line of `npm run demo:vault`.

import { parseOptions, readInteger, rejectArgument, UsageError } from '../../../src/composition/command-line.ts';
import type { Mode } from '../configure-vault.ts';

export const HELP = `Usage: npm run demo:vault -- [options]

Shows how user-service gets its secrets from HashiCorp Vault: a Vault with its data on disk, PostgreSQL and Redis, an agent for each program, and the
programs migrate and api, whose only secrets are the files that the agents render. It sends requests while logins of PostgreSQL change, a secret
changes, and Vault is sealed; then it prints who read what. It runs for about 80 seconds and leaves nothing behind, also after Ctrl-C.
Relay and worker are not started, because they need Kafka: docker compose --profile vault up --wait

  --mode <mode>        dynamic (default): Vault creates logins; static: it changes the password of one
  --lease <seconds>    lifetime of a login or password, 10 to 60 (default: 20)
  --port <number>      port of Vault (default: 8200; 0: a free one)
  --help               print this text

VAULT   path of the program vault, when it is not on the PATH
Exit codes: 0 done, 1 failed or a request failed, 64 wrong usage, 130 interrupted.`;

export type DemoArguments = { readonly mode: Mode; readonly leaseSeconds: number; readonly port: number };

const OPTIONS = {
  mode: { type: 'string', default: 'dynamic' },
  lease: { type: 'string', default: '20' },
  port: { type: 'string', default: '8200' },
} as const;

/** @throws UsageError */
export const readDemoArguments = (args: readonly string[]): DemoArguments => {
  const { values, positionals } = parseOptions(args, OPTIONS);
  rejectArgument(positionals[0]);
  const { mode, lease, port } = values;
  if (mode !== 'dynamic' && mode !== 'static') throw new UsageError('--mode must be dynamic or static');
  return {
    mode,
    leaseSeconds: readInteger('--lease', lease, [10, 60]),
    port: port === '0' ? 0 : readInteger('--port', port, [1024, 65_000]),
  };
};
