import type { Drill } from '../../drill.ts';

/** Each hash takes more than half a second of a core. Two at a time fit into the memory of a container. */
const EXPENSIVE_HASHES = { AUTH_ARGON2_MEMORY_KIB: '49152', AUTH_ARGON2_PASSES: '20', AUTH_HASH_CONCURRENCY: '2' };

export const drill: Drill = {
  name: 'high-cpu',
  title: 'A change of settings makes each password hash twenty-five times as expensive.',
  alert: 'HighCpuUsage',
  labels: { job: 'api' },
  runbook: 'high-cpu-usage',
  blocks: ['dashboard', 'deployments', 'pool', 'heap', 'connections', 'rollback', 'dashboard'],
  blocksOn: {
    kubectl: [
      'dashboard',
      'deployments',
      'pool',
      'heap',
      'connections',
      'scale',
      'delete-unhealthy',
      'rollback',
      'dashboard',
    ],
  },
  fillIn: () => Promise.resolve({ REPLICAS: '10' }),
  question: 'The api uses a whole core or more, and sign-ins are slow. Scale, or roll back?',
  answer:
    'Roll back: AUTH_ARGON2_PASSES and AUTH_ARGON2_MEMORY_KIB were changed with the last release, and hashings wait. Scaling would help only as far as there are cores, and each ' +
    'replica takes ten connections of PostgreSQL.',
  log: { process: 'api', line: /api is listening/ },
  inject: (stack) => stack.deploy('api', EXPENSIVE_HASHES),
  undo: (stack) => stack.rollBack('api'),
};
