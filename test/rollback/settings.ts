import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string>>;

/** Read by others than the service's own configuration. */
const FOREIGN = /^(?:DD|NODE)_/;

/**
 * Settings go back with the code: a release knows its own, and refuses to start with one that it doesn't know.
 * @param root of the release; its docs/configuration.md lists them
 */
export const settingsOf = async (root: string, env: Environment): Promise<Environment> => {
  const documented = await readFile(join(root, 'docs/configuration.md'), 'utf8');
  const known = new Set([...documented.matchAll(/^\| `([A-Z][A-Z\d_]*)`/gm)].map(([, name]) => name));
  return Object.fromEntries(Object.entries(env).filter(([name]) => known.has(name) || FOREIGN.test(name)));
};
