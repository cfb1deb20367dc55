import type { Drill } from '../../drill.ts';

const UNDECIDED =
  "SELECT count(*)::integer AS count FROM orders WHERE status = 'placed' AND placed_at < now() - interval '5 seconds'";

export const drill: Drill = {
  name: 'worker-absent',
  title: 'The only worker process is killed.',
  alert: 'WorkerAbsent',
  runbook: 'worker-absent',
  blocks: ['is-it-up', 'why-it-ended', 'orders-that-wait', 'start-worker', 'backlog-shrinks'],
  question: 'Orders are accepted with 202, but none is confirmed. Which process is missing, and is anything lost?',
  answer: 'The worker. Nothing is lost: events stay in Kafka, and the next worker continues at the committed offsets.',
  log: { process: 'worker', line: /worker has started/ },
  inject: (stack) => stack.kill('worker'),
  recovered: async (stack) => {
    const [row] = await stack.sql(UNDECIDED);
    if (row?.count !== 0) throw new Error(`${String(row?.count)} orders wait for more than 5 s`);
  },
  undo: (stack) => stack.start('worker'),
};
