// All drills, in the order in which `--all` runs them.

import type { Drill } from './drill.ts';
import { drill as workerAbsent } from './drills/processes/worker-absent.ts';
import { drill as redisDown } from './drills/stores/redis-down.ts';

export const DRILLS: readonly Drill[] = [redisDown, workerAbsent];
