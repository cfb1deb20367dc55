import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll } from 'vitest';

export type Files = {
  readonly folder: string;
  /** Replaces the file at once, as an agent or a kubelet does. @returns its path */
  write(name: string, text: string): string;
};

/** A folder of a test file, removed after it. */
export const useFiles = (): Files => {
  const folder = mkdtempSync(join(tmpdir(), 'user-service-tls-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  return {
    folder,
    write: (name, text) => {
      const path = join(folder, name);
      writeFileSync(`${path}.next`, text, { mode: 0o640 });
      renameSync(`${path}.next`, path);
      return path;
    },
  };
};
