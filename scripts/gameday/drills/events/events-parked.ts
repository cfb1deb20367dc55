import { randomUUID } from 'node:crypto';

import { newUuid } from '../../../../src/uuid/uuid.ts';
import type { Drill } from '../../drill.ts';
import type { Stack } from '../../stacks/stack.ts';
import { assertPublished } from './assertions.ts';

const insert = (event: Readonly<Record<string, unknown>>, type: string, key: string): string => `
  INSERT INTO outbox (event_id, event_type, key, payload)
  VALUES ('${String(event.eventId)}', '${type}', '${key}', '${JSON.stringify(event)}')`;

/** An event with an amount of the wrong type, as somebody would write it by hand, and a later one of the same key. The order does not exist. */
const park = async (stack: Stack): Promise<void> => {
  const orderId = newUuid();
  const fields = { occurredAt: Date.now(), orderId, userId: randomUUID(), amountMinor: 1999, currency: 'EUR' };
  await stack.sql(insert({ ...fields, eventId: newUuid(), amountMinor: '19.99' }, 'OrderPlaced', orderId));
  await stack.sql(insert({ ...fields, eventId: newUuid() }, 'OrderConfirmed', orderId));
};

const parkedId = async (stack: Stack): Promise<string> => {
  const [row] = await stack.sql('SELECT id FROM outbox WHERE parked_at IS NOT NULL ORDER BY id LIMIT 1');
  if (row === undefined) throw new Error('No event is parked.');
  return String(row.id);
};

export const drill: Drill = {
  name: 'events-parked',
  title: 'The outbox has an event that does not match its schema.',
  alert: 'EventsParked',
  runbook: 'events-parked',
  blocks: ['parked', 'behind', 'log', 'correct', 'retry', 'verify'],
  fillIn: async (stack) => ({ EVENT_ID: await parkedId(stack), CORRECTION: '{"amountMinor": 1999}' }),
  question:
    'One event cannot be published. Which field is wrong, and what happens to the next event of the same order?',
  answer:
    'amountMinor is a text with a decimal point; the schema wants a whole number of minor units. The next event of the order waits behind it, so that ' +
    'consumers never see an order confirmed before it was placed.',
  log: { process: 'relay', line: /event can not be published, parked/ },
  inject: park,
  recovered: assertPublished,
  undo: async (stack) => {
    await stack.sql('DELETE FROM outbox WHERE parked_at IS NOT NULL');
  },
};
