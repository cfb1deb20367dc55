import type { Drill } from '../../drill.ts';

/** Each hash takes almost a second of a core. Three at a time fit into the memory of a pod. */
const EXPENSIVE_HASHES = {
  AUTH_ARGON2_MEMORY_KIB: '65536',
  AUTH_ARGON2_PASSES: '20',
  AUTH_HASH_CONCURRENCY: '3',
  UV_THREADPOOL_SIZE: '8',
};

export const drill: Drill = {
  name: 'high-cpu',
  title: 'A change of settings makes each password hash thirty times as expensive.',
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
  notOn: {
    compose:
      'a container of 256 MB has no memory for hashes that are expensive enough: it is ended before the alert fires',
  },
  question: 'The api uses a whole core or more, and sign-ins are slow. Scale, or roll back?',
  answer:
    'Roll back: AUTH_ARGON2_PASSES and AUTH_ARGON2_MEMORY_KIB were changed with the last release, and hashings wait. Scaling would help only as far as there are cores, and each ' +
    'replica takes ten connections of PostgreSQL.',
  log: { process: 'api', line: /api is listening/ },
  inject: (stack) => stack.deploy('api', EXPENSIVE_HASHES),
  undo: (stack) => stack.rollBack('api'),
};
