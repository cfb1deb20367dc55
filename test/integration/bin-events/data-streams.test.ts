// The pathway of an event from the relay over Kafka to the worker, as an agent receives it.

import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EVENT_TOPICS } from '../../../src/messaging/event-topics.ts';
import { eventually } from '../../support/eventually.ts';
import { startTraceAgent, type TraceAgent } from '../../support/trace-agent.ts';
import { allDecided, placeOrders } from './support/orders.ts';
import { openPool, registerSchemas, startProcesses } from './support/processes.ts';

const READY_WITHIN_MS = 60_000;
const DECIDED_WITHIN_MS = 20_000;
let pool: Pool;
let agent: TraceAgent;

beforeAll(async () => {
  pool = openPool();
  agent = await startTraceAgent();
  await registerSchemas();
});
afterAll(async () => {
  agent.close();
  await pool.end();
});

/** The hash of a pathway is 8 bytes: MessagePack's format of a 64-bit integer, after the name of the member. */
const HASH = /[^t]Hash\xcf([\s\S]{8})/g;
const PARENT_HASH = /ParentHash\xcf([\s\S]{8})/g;
const hashesOf = (stats: string, pattern: RegExp): Set<string> =>
  new Set([...stats.matchAll(pattern)].map(([, hash = '']) => hash));

it.each(['kafkajs', 'platformatic'])(
  'is followed through the headers of %s',
  async (client) => {
    const before = agent.pathways().length;
    const env = { DD_DATA_STREAMS_ENABLED: 'true', PAYMENTS_DELAY_MS: '0' };
    const processes = await startProcesses({ client, agentUrl: agent.url, env }, ['relay', 'worker']);
    await Promise.all(processes.map((process) => process.becomes(200, READY_WITHIN_MS)));
    await placeOrders(pool, 3);
    await allDecided(pool, DECIDED_WITHIN_MS);

    await eventually(
      () => {
        const stats = agent.pathways().slice(before);
        for (const text of ['direction:out', 'direction:in', `topic:${EVENT_TOPICS.OrderPlaced}`, 'type:kafka'])
          expect(stats).toContain(text);
        const parents = hashesOf(stats, PARENT_HASH);
        expect([...hashesOf(stats, HASH)].filter((hash) => parents.has(hash))).not.toEqual([]);
      },
      { deadlineMs: 10_000 },
    );
  },
  120_000,
);
