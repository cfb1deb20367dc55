import type { Drill } from '../../drill.ts';
import { preloading } from '../releases/preload.ts';

export const drill: Drill = {
  name: 'event-loop-lag',
  title: 'A release of the api computes statistics between its requests, a quarter of a second each time.',
  alert: 'EventLoopLag',
  runbook: 'event-loop-lag',
  blocks: ['lag', 'garbage', 'cpu-profile', 'deployments', 'rollback', 'lag'],
  question: 'All requests are slow at times, also those without a database. Which function is it?',
  answer:
    'calculateStatistics: the profile shows where the thread was while everything else waited. It came with the last release, so roll back; then give it a thread, or ' +
    'cut it into pieces.',
  log: { process: 'api', line: /api is listening/ },
  inject: (stack) => stack.deploy('api', { NODE_OPTIONS: preloading('blocked-loop') }),
  undo: (stack) => stack.rollBack('api'),
};
