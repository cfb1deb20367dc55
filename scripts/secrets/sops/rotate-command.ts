// `npm run secrets -- rotate`

import { changeInDraft } from './draft.ts';
import { pathOf } from './encrypted-file.ts';
import { serverSteps, setNewValues } from './new-values.ts';
import type { Options } from './options.ts';
import { sops } from './programs.ts';

/** @throws SecretsError; the file is as before then */
export const rotate = (root: string, { environment, newKeys }: Options, print: (line: string) => void): void => {
  const path = pathOf(environment);
  changeInDraft(root, environment, (draft) => {
    sops(['rotate', '--in-place', path], path, { root: draft.root });
    setNewValues(draft, newKeys);
  });
  print(`${path} has a new data key`);
  if (newKeys.length > 0) print(`and new values: ${newKeys.join(', ')}`);
  for (const line of serverSteps(environment, newKeys)) print(line);
  print('Then commit it and deploy.');
};
