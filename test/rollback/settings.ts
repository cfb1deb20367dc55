import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string>>;

/** Prefixes that the service's own configuration does not read. */
const FOREIGN = /^(?:DD|NODE)_/;

/**
 * Settings are rolled back together with the code: a release rejects settings that it does not know.
 * @param root directory of the release, whose docs/configuration.md lists its settings
 */
export const settingsOf = async (root: string, env: Environment): Promise<Environment> => {
  const documented = await readFile(join(root, 'docs/configuration.md'), 'utf8');
  const known = new Set([...documented.matchAll(/^\| `([A-Z][A-Z\d_]*)`/gm)].map(([, name]) => name));
  return Object.fromEntries(Object.entries(env).filter(([name]) => known.has(name) || FOREIGN.test(name)));
};
