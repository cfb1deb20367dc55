import type { Drill } from '../../drill.ts';
import { assertPublished } from '../events/assertions.ts';

export const drill: Drill = {
  name: 'relay-absent',
  title:
    'The relay hangs: it keeps its connections and its leadership, and does nothing. On a cluster it is scaled to zero.',
  alert: 'RelayAbsent',
  runbook: 'relay-absent',
  blocks: ['processes', 'log', 'backlog', 'restart', 'verify'],
  question: 'Requests succeed, but no order is decided. The relay is listed as running. Why does nothing take over?',
  answer:
    'It is suspended. Its connection to PostgreSQL is open, so it still holds the lock of the leader. Ending it releases the lock; the next relay ' +
    'publishes what has waited, in order.',
  log: { process: 'relay', line: /outbox leadership changed/ },
  inject: (stack) => (stack.target === 'kubectl' ? stack.kill('relay') : stack.pause('relay')),
  recovered: assertPublished,
  undo: (stack) => stack.restart('relay'),
};
