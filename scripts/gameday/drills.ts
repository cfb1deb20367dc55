// All drills, in the order in which `--all` runs them.

import type { Drill } from './drill.ts';
import { drill as eventLoopLag } from './drills/processes/event-loop-lag.ts';
import { drill as highCpu } from './drills/processes/high-cpu.ts';
import { drill as highMemory } from './drills/processes/high-memory.ts';
import { drill as workerAbsent } from './drills/processes/worker-absent.ts';
import { drill as poolWaiting } from './drills/stores/pool-waiting.ts';
import { drill as postgresReadOnly } from './drills/stores/postgres-read-only.ts';
import { drill as postgresUnreachable } from './drills/stores/postgres-unreachable.ts';
import { drill as purgeBehind } from './drills/stores/purge-behind.ts';
import { drill as redisDown } from './drills/stores/redis-down.ts';
import { drill as redisReadonly } from './drills/stores/redis-readonly.ts';
import { drill as secretInvalid } from './drills/stores/secret-invalid.ts';

export const DRILLS: readonly Drill[] = [
  redisDown,
  redisReadonly,
  secretInvalid,
  purgeBehind,
  poolWaiting,
  postgresReadOnly,
  postgresUnreachable,
  eventLoopLag,
  highMemory,
  highCpu,
  workerAbsent,
];
