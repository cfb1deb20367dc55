// The drills of each build: a few of different kinds, in at most six minutes. All of them run each night.

import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Drill } from '../../scripts/gameday/drill.ts';
import { DRILLS } from '../../scripts/gameday/drills.ts';
import { RUNBOOKS } from '../../scripts/gameday/runbook.ts';

/** @throws Error for a name that no drill has */
export const drillsNamed = (...names: readonly string[]): Drill[] =>
  names.map((name) => {
    const drill = DRILLS.find((known) => known.name === name);
    if (drill === undefined) throw new Error(`There is no drill ${name}.`);
    return drill;
  });

export const SOME_DRILLS = drillsNamed(
  'redis-down',
  'bad-deploy',
  'dead-letters',
  'secret-invalid',
  'pool-waiting',
  'restore-from-backup',
);

/** A copy of the runbooks in which a command of a page does nothing. @returns its folder, removed by the caller */
export const withBrokenStep = (page: string, command: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'runbooks-'));
  cpSync(RUNBOOKS, folder, { recursive: true });
  const path = join(folder, `${page}.md`);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(command)) throw new Error(`runbooks/${page}.md has no command ${command}.`);
  writeFileSync(path, text.replace(command, 'echo done'));
  return folder;
};
