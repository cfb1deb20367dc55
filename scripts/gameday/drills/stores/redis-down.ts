import type { Drill } from '../../drill.ts';

export const drill: Drill = {
  name: 'redis-down',
  title: 'Redis is killed.',
  alert: 'DependencyDown',
  labels: { dependency: 'redis' },
  runbook: 'redis-down',
  blocks: ['which-dependency', 'redis-answers', 'start-redis', 'redis-is-back'],
  question: 'Requests still succeed. Which dependency is missing, and what do users lose while it is?',
  answer:
    'Redis. Reads go to PostgreSQL and are slower, limits are counted by each process for itself, and a revoked session is known to other processes later.',
  log: {
    process: 'api',
    line: /"dependency":"redis".*"dependency is down"|"dependency is down".*"dependency":"redis"/,
  },
  inject: (stack) => stack.kill('redis'),
  recovered: async (stack) => {
    await stack.redis(['PING']);
  },
  undo: (stack) => stack.start('redis'),
};
