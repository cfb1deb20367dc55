import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @param directory default: a temporary one, which `remove` deletes */
export const makeDataDirectory = async (
  name: string,
  directory?: string,
): Promise<{ path: string; remove: () => Promise<void> }> => {
  if (directory !== undefined) return { path: directory, remove: () => Promise.resolve() };
  const path = await mkdtemp(join(tmpdir(), `user-service-${name}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
};
