// The drills of each build: a few of different kinds, in at most six minutes. All of them run each night.

import type { Drill } from '../../scripts/gameday/drill.ts';
import { DRILLS } from '../../scripts/gameday/drills.ts';

/** @throws Error for a name that no drill has */
export const drillsNamed = (...names: readonly string[]): Drill[] =>
  names.map((name) => {
    const drill = DRILLS.find((known) => known.name === name);
    if (drill === undefined) throw new Error(`There is no drill ${name}.`);
    return drill;
  });

export const SOME_DRILLS = drillsNamed('redis-down', 'bad-deploy', 'dead-letters', 'secret-invalid', 'pool-waiting');
