import { strict as assert } from 'node:assert';

import type { Drill } from '../../drill.ts';

/** As in production. */
const MAXMEMORY = '24mb';
const BATCHES = 14;

/** 2 MB, which Redis writes at once. */
const FILL = `
  for n = 1, 32 do
    redis.call('SET', 'import:' .. ARGV[1] .. ':' .. n, string.rep('x', 60000), 'EX', 120)
  end`;

export const drill: Drill = {
  name: 'redis-full',
  title: 'Somebody turns eviction off and imports 28 MB: the memory of Redis is full.',
  alert: 'DependencyDown',
  labels: { dependency: 'redis' },
  runbook: 'redis-readonly',
  blocks: ['reason', 'state', 'cache', 'evict', 'write', 'verify'],
  question:
    'Redis answers PING and reads, requests succeed, and the check of Redis fails. What does Redis refuse, and what do users of other services lose when you mend it?',
  answer:
    'It refuses writes with OOM: the memory is full, and noeviction evicts nothing. With volatile-ttl it evicts the keys that end first, whose ever they are. Ours may all be lost.',
  log: { process: 'api', line: /"dependency":"redis".*OOM command not allowed/ },
  inject: async (stack) => {
    await stack.redis(['CONFIG', 'SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '0']);
    for (let batch = 1; batch <= BATCHES; batch += 1) await stack.redis(['EVAL', FILL, '0', String(batch)]);
    await stack.redis(['CONFIG', 'SET', 'maxmemory', MAXMEMORY]);
  },
  recovered: async (stack) => {
    assert.equal(await stack.redis(['SET', 'drill', 'ok', 'EX', '10']), 'OK');
  },
  undo: async (stack) => {
    await stack.redis(['CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl']);
  },
};
