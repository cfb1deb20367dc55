// Processes of two releases share one outbox, as during a rolling update or a rollback.

import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

import { readEvents } from '../resilience/support/read-events.ts';
import { makeSurroundings, type Surroundings } from '../resilience/support/surroundings.ts';
import { eventually } from '../support/eventually.ts';
import { runJourney } from './journey.ts';
import { migrateUp, reportCheck, startProcess, type Process, type Role } from './process.ts';

const HERE = join(import.meta.dirname, '../..');
const EVENT_TYPES = ['UserRegistered', 'UserProfileChanged', 'UserErased'];

describe.each(inject('previous'))('previous release: $name', ({ name, directory: root, hasEvents, hasOrders }) => {
  let surroundings: Surroundings;
  const processes: Process[] = [];

  beforeAll(async () => {
    surroundings = await makeSurroundings({ migrated: false });
    await migrateUp(surroundings.database, root);
    await migrateUp(surroundings.database);
  });
  afterEach(async () => {
    const codes = await Promise.all(processes.splice(0).map((started) => started.end()));
    expect(codes).toEqual(codes.map(() => 0));
  });
  afterAll(() => surroundings.close());

  const start = async (role: Role, from: string): Promise<Process> => {
    const started = await startProcess({ role, env: surroundings.env, root: from });
    processes.push(started);
    await started.becomes(200);
    return started;
  };

  /** The user's events arrive in order and, if the api supports orders, an order is confirmed. */
  const followEvents = async (apiFrom: string, othersFrom: string, orders: boolean): Promise<string> => {
    const [api] = await Promise.all([start('api', apiFrom), start('relay', othersFrom), start('worker', othersFrom)]);
    const { userId } = await runJourney(api.url, { orders, decided: orders });
    await eventually(
      async () => {
        const events = await readEvents(surroundings, 'user-service.users.v1');
        expect(events.filter(({ key }) => key === userId).map(({ type }) => type)).toEqual(EVENT_TYPES);
      },
      { deadlineMs: 30_000, everyMs: 200 },
    );
    return `${EVENT_TYPES.join(', ')} in order${orders ? ', the order confirmed' : ''}`;
  };

  it('writes events that the current relay and worker process', async () => {
    reportCheck(`${name} · its api, current relay and worker`, await followEvents(root, HERE, hasOrders));
  });

  it.runIf(hasEvents)('processes events of the current api', async () => {
    reportCheck(`${name} · current api, its relay and worker`, await followEvents(HERE, root, true));
  });
});
