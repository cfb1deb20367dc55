// R1: api and relay are killed with SIGKILL at seeded points while clients register users and change them; nothing may be lost, duplicated
// or reordered.

import { describe, expect, it } from 'vitest';

import { EVENT_TOPICS } from '../../src/messaging/event-topics.ts';
import { eventually } from '../support/eventually.ts';
import { startMember } from './support/fleet.ts';
import { judgeUsers } from './support/judge-users.ts';
import { inParallel, makeRetryingClient } from './support/retrying-client.ts';
import { readEvents } from './support/read-events.ts';
import { FULL, listCounts, makeChance, report, scaled, SEED } from './support/scale.ts';
import type { Surroundings } from './support/surroundings.ts';
import { useStack } from './support/use-stack.ts';

const REGISTRATIONS = scaled(10_000, 400);
const KILLS = scaled(200, 12);
const CLIENTS = 32;
const PASSWORD = 'three quiet rivers';

/** A registration is one statement and one transaction: after its reply it is committed, but the client has no response yet. */
const POINTS = {
  api: [
    'before:register-user',
    'after:register-user',
    'before:add-to-outbox',
    'after:add-to-outbox',
    'in shutdown',
    'random',
  ],
  relay: ['after:fetch-outbox', 'before:remove-from-outbox', 'after:remove-from-outbox', 'in shutdown', 'random'],
};

let surroundings: Surroundings;
const members = useStack((made) => (surroundings = made));

describe('R1: killed anywhere', () => {
  it(
    `loses nothing over ${REGISTRATIONS} registrations and ${KILLS} kills`,
    { timeout: FULL ? 900_000 : 180_000 },
    async () => {
      const chance = makeChance(SEED);
      const hits = new Map<string, number>();
      let planned = 0;
      let killing = true;
      const pick = (points: readonly string[]) => (): string | undefined => {
        if (!killing || planned >= KILLS) return undefined;
        planned += 1;
        const point = points.at(Math.floor(chance() * points.length)) ?? 'random';
        return point.includes(':') ? `${point}:${1 + Math.floor(chance() * 40)}` : point;
      };
      const onKilled = (point: string): void => {
        const name = point.replace(/:\d+$/, '');
        hits.set(name, (hits.get(name) ?? 0) + 1);
      };
      const { env } = surroundings;
      for (const role of ['api', 'api', 'relay', 'relay'] as const) {
        const nextPoint = pick(role === 'api' ? POINTS.api : POINTS.relay);
        members.push(await startMember({ role, env, nextPoint, chance, onKilled }));
      }

      const call = makeRetryingClient(members.slice(0, 2).map(({ url }) => url));
      const acknowledged: string[] = [];
      await inParallel(REGISTRATIONS, CLIENTS, async (n) => {
        const user = { username: `user-${n}`, name: 'A', email: `user-${n}@example.com`, password: PASSWORD };
        const made = await call('/users', {
          method: 'POST',
          body: user,
          headers: { 'idempotency-key': `register-${n}` },
        });
        expect(made.status, made.text).toBe(201);
        const { id } = JSON.parse(made.text) as { id: string };
        acknowledged.push(id);
        const session = await call('/auth/login', {
          method: 'POST',
          body: { login: user.username, password: PASSWORD },
        });
        const { access_token: token } = JSON.parse(session.text) as { access_token: string };
        const headers = { authorization: `Bearer ${token}`, 'if-match': '"1"' };
        const changed = await call(`/users/${id}`, { method: 'PATCH', body: { name: 'B' }, headers });
        expect([200, 412], changed.text).toContain(changed.status); // 412: the response to an earlier attempt was lost
      });
      killing = false;
      await eventually(
        async () => {
          const { rows } = await surroundings.pool.query<{ count: string }>('SELECT count(*) FROM outbox');
          expect(rows).toEqual([{ count: '0' }]);
        },
        { deadlineMs: 60_000, everyMs: 100 },
      );

      const { rows: users } = await surroundings.pool.query<{ id: string; username: string; version: number }>(
        'SELECT id, username, version FROM users',
      );
      const events = await readEvents(surroundings, EVENT_TOPICS.UserRegistered);
      const { deliveredTwice, ...seen } = judgeUsers({ acknowledged, users, events });
      report('R1', [
        { name: 'lost', value: seen.lost, target: '0' },
        { name: 'duplicates', value: seen.duplicates, target: '0' },
        { name: 'without event', value: seen.withoutEvent, target: '0' },
        { name: 'without user', value: seen.withoutUser, target: '0' },
        { name: 'order breaks', value: seen.orderBreaks, target: '0' },
        { name: 'registrations', value: users.length, target: String(REGISTRATIONS) },
        {
          name: 'kills',
          value: listCounts(hits),
          target: String(KILLS),
        },
        { name: 'delivered twice', value: deliveredTwice, target: 'allowed' },
      ]);
      expect(seen).toEqual({ lost: 0, duplicates: 0, withoutEvent: 0, withoutUser: 0, orderBreaks: 0 });
      expect(users).toHaveLength(REGISTRATIONS);
      expect(members.flatMap(({ failures }) => failures)).toEqual([]);
    },
  );
});
