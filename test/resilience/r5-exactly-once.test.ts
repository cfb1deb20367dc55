// R5: a fifth of the messages published twice, workers killed around their commit, and rebalances: each order is decided exactly once.

import { describe, expect, it } from 'vitest';

import { EVENT_TOPICS } from '../../src/messaging/event-topics.ts';
import { makeKafkaClient } from '../../src/kafka/kafka-client.ts';
import { eventually } from '../support/eventually.ts';
import { startMember } from './support/fleet.ts';
import { judgeDecisions } from './support/judge-decisions.ts';
import { countByStatus, messageOf, placeOrders } from './support/place-orders.ts';
import { readEvents } from './support/read-events.ts';
import { FULL, listCounts, makeChance, report, scaled, SEED } from './support/scale.ts';
import type { Surroundings } from './support/surroundings.ts';
import { useStack } from './support/use-stack.ts';

const ORDERS = scaled(5000, 400);
const KILLS = scaled(20, 3);
const POINTS = ['before:COMMIT', 'after:COMMIT', 'after:add-to-outbox', 'random'];
const noLine = (): void => undefined;
const QUIET = { debug: noLine, info: noLine, warn: noLine, error: noLine, fatal: noLine };

let surroundings: Surroundings;
const members = useStack((made) => (surroundings = made));

describe('R5: exactly once', () => {
  it(`decides each of ${ORDERS} orders once over ${KILLS} kills`, { timeout: FULL ? 900_000 : 180_000 }, async () => {
    const chance = makeChance(SEED);
    const hits = new Map<string, number>();
    let planned = 0;
    const nextPoint = (): string | undefined => {
      if (planned >= KILLS) return undefined;
      planned += 1;
      const point = POINTS.at(Math.floor(chance() * POINTS.length)) ?? 'random';
      return point.includes(':') ? `${point}:${1 + Math.floor(chance() * 30)}` : point;
    };
    const onKilled = (point: string): void => {
      const name = point.replace(/:\d+$/, '');
      hits.set(name, (hits.get(name) ?? 0) + 1);
    };
    const { env, kafka, pool } = surroundings;
    for (const role of ['worker', 'worker'] as const)
      members.push(await startMember({ role, env, nextPoint, chance, onKilled }));
    members.push(await startMember({ role: 'relay', env, nextPoint: () => undefined, chance, onKilled }));

    const orders = await placeOrders(surroundings, ORDERS);
    const client = await makeKafkaClient({
      client: 'kafkajs',
      brokers: kafka.brokers,
      clientId: 'r5',
      tls: false,
      connectTimeoutMs: 3000,
      requestTimeoutMs: 10_000,
      sendTimeoutMs: 30_000,
      logger: QUIET,
    });
    const publisher = client.publisher();
    let twice = 0;
    for (let from = 0; from < ORDERS; from += 50) {
      const some = await Promise.all(orders.slice(from, from + 50).map((order) => messageOf(surroundings, order)));
      const again = some.filter(() => chance() < 0.2);
      twice += again.length;
      await publisher.publish(EVENT_TOPICS.OrderPlaced, [...some, ...again]);
    }
    await publisher.close();
    await client.close();
    await eventually(
      async () => {
        expect(await countByStatus(surroundings)).toEqual({ confirmed: ORDERS });
        const { rows } = await pool.query<{ count: string }>('SELECT count(*) FROM outbox');
        expect(rows).toEqual([{ count: '0' }]);
      },
      { deadlineMs: scaled(600_000, 120_000), everyMs: 200 },
    );

    const events = await readEvents(surroundings, EVENT_TOPICS.OrderConfirmed);
    const { undecided, decidedTwice } = judgeDecisions(orders, events);
    report('R5', [
      { name: 'orders', value: ORDERS, target: String(ORDERS) },
      { name: 'decided twice', value: decidedTwice, target: '0' },
      { name: 'undecided', value: undecided, target: '0' },
      { name: 'published twice', value: twice, target: 'about a fifth' },
      {
        name: 'kills',
        value: listCounts(hits),
        target: String(KILLS),
      },
    ]);
    expect({ undecided, decidedTwice }).toEqual({ undecided: 0, decidedTwice: 0 });
    expect(members.flatMap(({ failures }) => failures)).toEqual([]);
  });
});
