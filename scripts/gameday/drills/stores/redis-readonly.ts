import { strict as assert } from 'node:assert';

import type { Drill } from '../../drill.ts';

/** Nobody listens there. */
const LOST_PRIMARY = ['127.0.0.1', '1'];

export const drill: Drill = {
  name: 'redis-readonly',
  title: 'Redis has become a replica of a primary that is gone.',
  alert: 'DependencyDown',
  labels: { dependency: 'redis' },
  runbook: 'redis-readonly',
  blocks: ['reason', 'state', 'cache', 'promote', 'write', 'verify'],
  question: 'Redis answers PING, and requests succeed. What is wrong, and what do you make sure before you mend it?',
  answer:
    'It is a replica, so it refuses writes: nothing is cached, and limits are counted by each process. Before it becomes a primary again, make sure that no other one ' +
    'runs: sessions that were ended on one would be valid on the other.',
  log: { process: 'api', line: /"dependency":"redis".*dependency is down/ },
  inject: async (stack) => {
    await stack.redis(['REPLICAOF', ...LOST_PRIMARY]);
  },
  recovered: async (stack) => {
    assert.equal(await stack.redis(['SET', 'drill', 'ok', 'EX', '10']), 'OK');
  },
  undo: async (stack) => {
    await stack.redis(['REPLICAOF', 'NO', 'ONE']);
  },
};
