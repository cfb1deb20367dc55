import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folder that is wanted, or a temporary one that `remove` takes away. */
export const makeDataDirectory = async (
  name: string,
  wanted?: string,
): Promise<{ path: string; remove: () => Promise<void> }> => {
  if (wanted !== undefined) return { path: wanted, remove: () => Promise.resolve() };
  const path = await mkdtemp(join(tmpdir(), `user-service-${name}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
};
