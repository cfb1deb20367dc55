// `npm run secrets -- exec`: unlike in `sops decrypt … | helm …`, the program does not start when the file is refused.

import { spawnSync } from 'node:child_process';

import { decrypt, requireEncrypted } from './draft.ts';
import type { Options } from './options.ts';
import { SecretsError } from './secrets-error.ts';

/** @returns the exit code of the program. @throws SecretsError before it starts */
export const exec = (root: string, { environment, program: [program = '', ...args] }: Options): number => {
  requireEncrypted(root, environment);
  const input = decrypt(root, environment);
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- what the user asks for
  const { error, status } = spawnSync(program, args, { cwd: root, input, stdio: ['pipe', 'inherit', 'inherit'] });
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code !== undefined && code !== 'EPIPE') throw new SecretsError(`${program} can not be run (${code})`);
  return status ?? 1;
};
