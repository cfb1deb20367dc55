// Every setting of every process, in sections. A process loads the sections that it uses.

import type { ConfigOf } from './make-load-config.ts';
import { audit } from './settings/audit.ts';
import { auth } from './settings/auth.ts';
import { consumers } from './settings/consumers.ts';
import { faults } from './settings/faults.ts';
import { featureFlags } from './settings/feature-flags.ts';
import { http, management } from './settings/http.ts';
import { kafka, schemaRegistry, topics } from './settings/kafka.ts';
import { lifecycle } from './settings/lifecycle.ts';
import { log } from './settings/log.ts';
import { outbox } from './settings/outbox.ts';
import { payments } from './settings/payments.ts';
import { migrations, postgres } from './settings/postgres.ts';
import { redis } from './settings/redis.ts';
import { service } from './settings/service.ts';
import { telemetry } from './settings/telemetry.ts';

export const SECTIONS = {
  service,
  log,
  audit,
  telemetry,
  http,
  management,
  postgres,
  migrations,
  redis,
  auth,
  kafka,
  topics,
  schemaRegistry,
  outbox,
  consumers,
  payments,
  featureFlags,
  lifecycle,
  faults,
};

export type SectionName = keyof typeof SECTIONS;

/** The values of the sections `N`, e.g. `config.http.port`. A secret is a function that returns its newest text. */
export type Config<N extends SectionName = SectionName> = ConfigOf<typeof SECTIONS, N>;
