import type { Drill } from '../../drill.ts';
import { preloading } from '../releases/preload.ts';

/** So small that a container of 256 MB is not ended before its heap is full. */
const SMALL_HEAP = '--max-old-space-size=80 --max-semi-space-size=1';

export const drill: Drill = {
  name: 'high-memory',
  title: 'A release of the api has a list without a bound, and fills its heap.',
  alert: 'HighMemoryUsage',
  labels: { bound: 'heap' },
  runbook: 'high-memory-usage',
  blocks: ['memory', 'deployments', 'rollback', 'memory'],
  question: 'Nobody notices anything yet. What happens at 100 %, and how much time is there?',
  answer:
    'V8 ends the process: "JavaScript heap out of memory", and requests that are under way are lost. The growth per second says when. It began with the release, so roll back; a restart ' +
    'would only start the list again.',
  log: { process: 'api', line: /api is listening/ },
  inject: (stack) => stack.deploy('api', { NODE_OPTIONS: preloading('growing-list', SMALL_HEAP) }),
  undo: (stack) => stack.rollBack('api'),
};
