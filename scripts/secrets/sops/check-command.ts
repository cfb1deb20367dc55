// `npm run secrets -- check`

import { recipientsOf, pathOf } from './encrypted-file.ts';
import { decrypt, NoKeyError, readEncrypted, requireEncrypted } from './draft.ts';
import type { Options } from './options.ts';
import { run } from './programs.ts';
import { SecretsError } from './secrets-error.ts';

type Print = (line: string) => void;

/** What sops itself says: a file that it takes for plain is never handed to a program. */
const requireFileStatus = (root: string, path: string): void => {
  const { status, stdout } = run('sops', ['filestatus', path], { root });
  if (status !== 0 || !stdout.includes('"encrypted":true'))
    throw new SecretsError(`${path} is not encrypted, says sops`);
};

/** @throws SecretsError with what is wrong */
export const check = (root: string, { environment, requireKey }: Options, print: Print): void => {
  const path = pathOf(environment);
  requireEncrypted(root, environment);
  requireFileStatus(root, path);
  const recipients = recipientsOf(readEncrypted(root, environment));
  print(`${path}: encrypted for ${recipients.length} recipients, those of .sops.yaml`);
  try {
    decrypt(root, environment);
    print('MAC and values are valid');
  } catch (error) {
    if (requireKey || !(error instanceof NoKeyError)) throw error;
    print(`MAC and values were not checked: ${error.message}`);
  }
};
