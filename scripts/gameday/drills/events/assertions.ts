// What is true of events when the system is as before.

import { strict as assert } from 'node:assert';

import type { Stack } from '../../stacks/stack.ts';

const OLD_ROWS = `
  SELECT count(*)::integer AS count FROM outbox
  WHERE created_at < now() - interval '5 seconds'`;

const OLD_ORDERS = `
  SELECT count(*)::integer AS count FROM orders
  WHERE status = 'placed' AND placed_at < now() - interval '5 seconds'`;

const count = async (stack: Stack, statement: string): Promise<number> =>
  Number((await stack.sql(statement))[0]?.count);

/** Throws while an event waits in the outbox for more than five seconds, pending or parked. */
export const assertPublished = async (stack: Stack): Promise<void> => {
  const waiting = await count(stack, OLD_ROWS);
  assert.equal(waiting, 0, `${waiting} events have waited in the outbox for more than 5 s`);
};

/** Throws while an order waits for its decision for more than five seconds: then its event was lost, or is not handled yet. */
export const assertDecided = async (stack: Stack): Promise<void> => {
  await assertPublished(stack);
  const undecided = await count(stack, OLD_ORDERS);
  assert.equal(undecided, 0, `${undecided} orders have waited for their decision for more than 5 s`);
};
