// Processes of two releases work on one outbox, as they do while a release or its rollback is under way.

import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';

import { readEvents } from '../resilience/support/read-events.ts';
import { makeSurroundings, type Surroundings } from '../resilience/support/surroundings.ts';
import { eventually } from '../support/eventually.ts';
import { travel } from './journey.ts';
import { migrateUp, saw, startProcess, type Process, type Role } from './process.ts';

const HERE = join(import.meta.dirname, '../..');
const FACTS = ['UserRegistered', 'UserProfileChanged', 'UserErased'];

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

  /** A user's facts come through in order, and an order is decided when the api takes any. */
  const followFacts = async (apiFrom: string, othersFrom: string, orders: boolean): Promise<string> => {
    const [api] = await Promise.all([start('api', apiFrom), start('relay', othersFrom), start('worker', othersFrom)]);
    const { userId } = await travel(api.url, { orders, decided: orders });
    await eventually(
      async () => {
        const events = await readEvents(surroundings, 'user-service.users.v1');
        expect(events.filter(({ key }) => key === userId).map(({ type }) => type)).toEqual(FACTS);
      },
      { deadlineMs: 30_000, everyMs: 200 },
    );
    return `${FACTS.join(', ')} in order${orders ? ', the order confirmed' : ''}`;
  };

  it('has its telemetry relayed and decided by ours', async () => {
    saw(`${name} · its api, our relay and worker`, await followFacts(root, HERE, hasOrders));
  });

  it.runIf(hasEvents)('relays and decides our telemetry', async () => {
    saw(`${name} · our api, its relay and worker`, await followFacts(HERE, root, true));
  });
});
