import type { Drill } from '../../drill.ts';

const WAITING =
  "SELECT count(*)::integer AS count FROM orders WHERE status = 'placed' AND placed_at < now() - interval '5 seconds'";

export const drill: Drill = {
  name: 'payment-provider-down',
  // not all of them: an order that is never decided is no late decision, and the page for late decisions stays silent
  title: 'Seven of ten requests to the payment provider hang.',
  alert: 'OrderProcessingBurn',
  labels: { severity: 'page' },
  runbook: 'payment-provider-down',
  blocks: [
    ...['decisions', 'provider', 'orders-that-wait', 'pause-orders', 'orders-are-paused'],
    ...['rollback-worker', 'backlog-is-decided', 'resume-orders', 'orders-flow'],
  ],
  question: 'Orders are accepted and decided late. Who is slow, and do you go on accepting orders?',
  answer:
    'The payment provider: the worker logs PAYMENT_UNAVAILABLE, and its partitions wait. Nothing is lost. If it takes longer, pause new orders with the flag ' +
    'accept-orders: users get a clear 503 with Retry-After instead of an order that nobody decides.',
  log: { process: 'worker', line: /PAYMENT_UNAVAILABLE/ },
  inject: (stack) => stack.deploy('worker', { FAULT_INJECTION: 'payments:hang@70%' }),
  recovered: async (stack) => {
    const [row] = await stack.sql(WAITING);
    if (row?.count !== 0) throw new Error(`${String(row?.count)} orders wait for more than 5 s`);
  },
  undo: async (stack) => {
    await stack.writeFlags('{}'); // whatever the runbook did: every flag has its default again
    await stack.rollBack('worker');
  },
};
