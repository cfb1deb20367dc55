// Every setting of every process, room by room. A process loads the rooms that it uses.

import type { Static } from 'typebox';
import { auth } from './rooms/auth.ts';
import { consumers, outbox, payments } from './rooms/events.ts';
import { http, management } from './rooms/http.ts';
import { kafka, schemaRegistry } from './rooms/kafka.ts';
import { lifecycle } from './rooms/lifecycle.ts';
import { log } from './rooms/log.ts';
import { migrations, postgres } from './rooms/postgres.ts';
import { redis } from './rooms/redis.ts';
import { service } from './rooms/service.ts';

export const ROOMS = {
  ...{ service, log, http, management, postgres, migrations, redis, auth },
  ...{ kafka, schemaRegistry, outbox, consumers, payments, lifecycle },
};

export type RoomName = keyof typeof ROOMS;

/** The settings of the rooms `R`, e.g. `config.http.port`. A secret is a function that gives its newest text. */
export type Config<R extends RoomName = RoomName> = { readonly [K in R]: Readonly<Static<(typeof ROOMS)[K]>> };
