// The drills of each build: a few of different kinds, in at most six minutes. All of them run each night.

import type { Drill } from '../../scripts/gameday/drill.ts';
import { DRILLS } from '../../scripts/gameday/drills.ts';

const NAMES = ['redis-down', 'bad-deploy', 'dead-letters', 'secret-invalid', 'pool-waiting', 'restore-from-backup'];

export const SOME_DRILLS: readonly Drill[] = NAMES.map((name) => {
  const drill = DRILLS.find((known) => known.name === name);
  if (drill === undefined) throw new Error(`There is no drill ${name}.`);
  return drill;
});
