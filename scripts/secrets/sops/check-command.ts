// `npm run secrets -- check`

import { recipientsOf, pathOf } from './encrypted-file.ts';
import { decrypt, readEncrypted, requireEncrypted } from './draft.ts';
import { EXAMPLE_RECIPIENTS } from './creation-rules.ts';
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
  if (recipients.every((one) => EXAMPLE_RECIPIENTS.includes(one)))
    print(`It is an example that nobody can decrypt: npm run secrets -- init ${environment}`);
  const text = decrypt(
    root,
    environment,
    requireKey
      ? undefined
      : (reason) => {
          print(`MAC and values were not checked: ${reason}`);
        },
  );
  if (text !== undefined) print('MAC and values are valid');
};
