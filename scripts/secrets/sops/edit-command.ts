// `npm run secrets -- edit`: sops starts editor.ts, which starts the editor and checks its result before sops encrypts it.

import { join } from 'node:path';
import { env, execPath } from 'node:process';

import { variable } from '../../../src/config/environment.ts';
import { changeInDraft, decryptText } from './draft.ts';
import { pathOf } from './encrypted-file.ts';
import type { Options } from './options.ts';
import { explainSops, run } from './programs.ts';
import { SecretsError } from './secrets-error.ts';

/** Exit codes of `sops edit`. */
const [NOT_CHANGED, EDITOR_FAILED] = [200, 201];

const quoted = (path: string): string => `'${path}'`;

const editor = {
  SOPS_EDITOR: [execPath, join(import.meta.dirname, 'editor.ts')].map(quoted).join(' '),
  SECRETS_EDITOR: variable(env, 'SOPS_EDITOR') ?? variable(env, 'EDITOR') ?? 'vi',
};

/** @throws SecretsError; the file is as before then */
export const edit = (root: string, { environment }: Options, print: (line: string) => void): void => {
  const path = pathOf(environment);
  const changed = changeInDraft(root, environment, (draft) => {
    decryptText(draft.root, environment); // says what is wrong better than `sops edit`
    const ran = run('sops', ['edit', path], { root: draft.root, variables: editor, stdio: 'inherit' });
    if (ran.status === NOT_CHANGED) return false;
    if (ran.status === 0) return true;
    const reason =
      ran.status === EDITOR_FAILED ? 'The editor failed, or left what is not valid.' : explainSops(path, ran);
    throw new SecretsError(`${reason} ${path} was not changed.`);
  });
  print(changed ? `${path} was changed: commit it` : 'nothing was changed');
};
