import type { Drill } from '../../drill.ts';

export const drill: Drill = {
  name: 'slow-reads',
  title: 'A release of the api injects 20 ms of latency into each command of Redis.',
  alert: 'CachedReadBurn',
  labels: { severity: 'page' },
  runbook: 'cached-read-burn',
  blocks: ['share', 'process', 'redis', 'faults', 'traffic', 'rollback-api', 'verify'],
  question:
    'No request fails, and reads of users became slow at once. Is it the process, Redis, or what is between them?',
  answer:
    'What is between them: the event loop is free and SLOWLOG is empty. The process says so itself: faults_injected_total grows, and each line of a read ' +
    'has the field fault.',
  log: { process: 'api', line: /"fault":"redis:latency"/ },
  inject: (stack) => stack.deploy('api', { FAULT_INJECTION: 'redis:latency=20@100%' }),
  undo: (stack) => stack.rollBack('api'),
};
