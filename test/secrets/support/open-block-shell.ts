import { delimiter, dirname } from 'node:path';
import { env } from 'node:process';

import { openShell, type Shell } from '../../../scripts/blocks/shell.ts';
import { variable } from '../../../src/config/environment.ts';

/** Programs that blocks call by name, and that may be elsewhere than on the path of this process. */
const PROGRAMS = ['SOPS', 'AGE', 'AGE_KEYGEN', 'HELM'];

/** A shell for the blocks of a page. */
export const openBlockShell = (variables: Readonly<Record<string, string>>, root: string): Shell => {
  const folders = PROGRAMS.flatMap((name) => variable(env, name) ?? []).map((path) => dirname(path));
  return openShell({ PATH: [...folders, env.PATH].join(delimiter), ...variables }, root);
};
