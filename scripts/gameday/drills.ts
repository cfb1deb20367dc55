// All drills, in the order in which `--all` runs them.

import type { Drill } from './drill.ts';
import { drill as consumerLag } from './drills/events/consumer-lag.ts';
import { drill as deadLetters } from './drills/events/dead-letters.ts';
import { drill as eventsParked } from './drills/events/events-parked.ts';
import { drill as kafkaDown } from './drills/events/kafka-down.ts';
import { drill as outboxOld } from './drills/events/outbox-old.ts';
import { drill as apiAbsent } from './drills/processes/api-absent.ts';
import { drill as badDeploy } from './drills/processes/bad-deploy.ts';
import { drill as notificationServiceAbsent } from './drills/processes/notification-service-absent.ts';
import { drill as relayAbsent } from './drills/processes/relay-absent.ts';
import { drill as workerAbsent } from './drills/processes/worker-absent.ts';
import { drill as redisDown } from './drills/stores/redis-down.ts';

export const DRILLS: readonly Drill[] = [
  redisDown,
  apiAbsent,
  badDeploy,
  relayAbsent,
  workerAbsent,
  notificationServiceAbsent,
  kafkaDown,
  outboxOld,
  deadLetters,
  eventsParked,
  consumerLag,
];
