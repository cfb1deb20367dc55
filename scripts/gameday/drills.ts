// All drills, in the order in which `--all` runs them.

import type { Drill } from './drill.ts';
import { drill as consumerLag } from './drills/events/consumer-lag.ts';
import { drill as deadLetters } from './drills/events/dead-letters.ts';
import { drill as eventsParked } from './drills/events/events-parked.ts';
import { drill as kafkaDown } from './drills/events/kafka-down.ts';
import { drill as outboxOld } from './drills/events/outbox-old.ts';
import { drill as paymentProviderDown } from './drills/events/payment-provider-down.ts';
import { drill as apiAbsent } from './drills/processes/api-absent.ts';
import { drill as badDeploy } from './drills/processes/bad-deploy.ts';
import { drill as eventLoopLag } from './drills/processes/event-loop-lag.ts';
import { drill as featureFlagsInvalid } from './drills/processes/feature-flags-invalid.ts';
import { drill as highCpu } from './drills/processes/high-cpu.ts';
import { drill as highMemory } from './drills/processes/high-memory.ts';
import { drill as notificationServiceAbsent } from './drills/processes/notification-service-absent.ts';
import { drill as relayAbsent } from './drills/processes/relay-absent.ts';
import { drill as telemetryExporterDown } from './drills/processes/telemetry-exporter-down.ts';
import { drill as workerAbsent } from './drills/processes/worker-absent.ts';
import { drill as poolWaiting } from './drills/stores/pool-waiting.ts';
import { drill as postgresReadOnly } from './drills/stores/postgres-read-only.ts';
import { drill as postgresUnreachable } from './drills/stores/postgres-unreachable.ts';
import { drill as purgeBehind } from './drills/stores/purge-behind.ts';
import { drill as redisDown } from './drills/stores/redis-down.ts';
import { drill as redisFull } from './drills/stores/redis-full.ts';
import { drill as redisReadonly } from './drills/stores/redis-readonly.ts';
import { drill as restoreFromBackup } from './drills/stores/restore-from-backup.ts';
import { drill as credentialsExpire } from './drills/stores/credentials-expire.ts';
import { drill as secretInvalid } from './drills/stores/secret-invalid.ts';
import { drill as slowReads } from './drills/stores/slow-reads.ts';

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
  redisReadonly,
  secretInvalid,
  credentialsExpire,
  purgeBehind,
  slowReads,
  poolWaiting,
  postgresReadOnly,
  postgresUnreachable,
  eventLoopLag,
  highMemory,
  highCpu,
  paymentProviderDown,
  featureFlagsInvalid,
  telemetryExporterDown,
  redisFull, // what was imported takes the place of cached users for two minutes
  restoreFromBackup,
];
