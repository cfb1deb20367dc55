// `npm run secrets -- edit`: sops starts editor.ts, which starts the editor and checks its result before sops encrypts it.

import { join } from 'node:path';
import { env, execPath } from 'node:process';

import { variable } from '../../../src/config/environment.ts';
import { changeInDraft } from './draft.ts';
import { pathOf } from './encrypted-file.ts';
import type { Options } from './options.ts';
import { explainSops, run } from './programs.ts';
import { SecretsError } from './secrets-error.ts';

const NOT_CHANGED = 200;
const EDITOR_FAILED = 1;

const quoted = (path: string): string => `'${path}'`;

const editor = {
  SOPS_EDITOR: [execPath, join(import.meta.dirname, 'editor.ts')].map(quoted).join(' '),
  SECRETS_EDITOR: variable(env, 'SOPS_EDITOR') ?? variable(env, 'EDITOR') ?? 'vi',
};

/** @throws SecretsError; the file is as before then */
export const edit = (root: string, { environment }: Options, print: (line: string) => void): void => {
  const path = pathOf(environment);
  const changed = changeInDraft(root, environment, (draft) => {
    const ran = run('sops', ['edit', path], {
      root: draft.root,
      variables: editor,
      stdio: ['inherit', 'inherit', 'pipe'],
    });
    if (ran.status === NOT_CHANGED) return false;
    if (ran.status === EDITOR_FAILED)
      throw new SecretsError(
        `${ran.stderr.includes('Could not run editor') ? 'The editor failed, or left values that are not valid' : explainSops(path, ran)}. ${path} was not changed.`,
      );
    if (ran.status !== 0) throw new SecretsError(explainSops(path, ran));
    return true;
  });
  print(changed ? `${path} was changed: commit it` : 'nothing was changed');
};
