// The phases in the order of a full run. Every phase leaves the stable release of the first image behind.

import type { Phase } from '../phase.ts';
import { BROKEN_RELEASES } from './broken-releases.ts';
import { CHAOS } from './chaos.ts';
import { CONTROL } from './control.ts';
import { DISRUPTIONS } from './disruptions.ts';
import { RESOURCES } from './resources.ts';
import { ROLLOUTS } from './rollouts.ts';

export const ALL_PHASES: readonly Phase[] = [
  ROLLOUTS.calm,
  RESOURCES,
  ROLLOUTS.upgrade,
  ROLLOUTS.rollback,
  ROLLOUTS.restarts,
  ROLLOUTS.scale,
  ROLLOUTS.autoscaling,
  ROLLOUTS.canary,
  DISRUPTIONS.evictions,
  DISRUPTIONS.drain,
  DISRUPTIONS.deletions,
  BROKEN_RELEASES.failingMigration,
  BROKEN_RELEASES.missingImage,
  BROKEN_RELEASES.wrongPassword,
  CHAOS.loseRedis,
  CHAOS.loseRegistry,
  CHAOS.loseKafka,
  CHAOS.losePostgres,
  CONTROL,
];
