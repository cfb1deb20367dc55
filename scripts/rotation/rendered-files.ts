// Watches the files that agents render: when each was replaced, and by what.

import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';

import type { Role } from './settings.ts';
import type { Secrets } from './secrets.ts';

export type Replacement = {
  readonly role: Role;
  /** Its name, e.g. `postgres_credentials`. */
  readonly file: string;
  readonly content: string;
  /** When it was renamed to this name: milliseconds since the epoch. */
  readonly at: number;
};

const EVERY_MS = 20;

/** @param watched the paths of each process */
export const watchFiles = (watched: ReadonlyMap<Role, readonly string[]>, secrets: Secrets) => {
  const replacements: Replacement[] = [];
  const inodes = new Map<string, number>();
  const look = (role: Role, path: string): void => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || inodes.get(path) === stats.ino) return;
    const content = readFileSync(path, 'utf8').trimEnd();
    const last = replacements.findLast((one) => one.role === role && one.file === basename(path));
    inodes.set(path, stats.ino);
    if (last?.content === content) return;
    secrets.addFile(basename(path), content);
    replacements.push({ role, file: basename(path), content, at: stats.ctimeMs });
  };
  const lookAtAll = (): void => {
    for (const [role, paths] of watched) for (const path of paths) look(role, path);
  };
  lookAtAll();
  const timer = setInterval(lookAtAll, EVERY_MS);
  return {
    of: (file: string): readonly Replacement[] => replacements.filter((one) => one.file === file),
    newest: (role: Role, file: string): Replacement | undefined =>
      replacements.findLast((one) => one.role === role && one.file === file),
    close: (): void => {
      clearInterval(timer);
    },
  };
};

export type RenderedFiles = ReturnType<typeof watchFiles>;
