// All drills, in the order in which `--all` runs them.

import type { Drill } from './drill.ts';
import { drill as paymentProviderDown } from './drills/events/payment-provider-down.ts';
import { drill as featureFlagsInvalid } from './drills/processes/feature-flags-invalid.ts';
import { drill as workerAbsent } from './drills/processes/worker-absent.ts';
import { drill as redisDown } from './drills/stores/redis-down.ts';

export const DRILLS: readonly Drill[] = [redisDown, workerAbsent, paymentProviderDown, featureFlagsInvalid];
