import type { Drill } from '../../drill.ts';
import type { Stack } from '../../stacks/stack.ts';
import { assertDecided } from './assertions.ts';

const ORDERS = 1500;

/** Orders with their events, as an import would write them. */
const IMPORT = `
  WITH importer AS (
    INSERT INTO users (username, email, name) VALUES ('import-drill', 'import-drill@example.com', 'Import')
    ON CONFLICT (username) DO UPDATE SET name = excluded.name
    RETURNING id
  ), placed AS (
    INSERT INTO orders (id, user_id, amount_minor, currency, status, placed_at)
    SELECT gen_random_uuid(), importer.id, 1999, 'EUR', 'placed', now()
    FROM importer, generate_series(1, ${ORDERS})
    RETURNING id, user_id, amount_minor, currency, placed_at
  ), events AS (
    SELECT placed.*, gen_random_uuid() AS event_id FROM placed
  )
  INSERT INTO outbox (event_id, event_type, key, payload)
  SELECT event_id, 'OrderPlaced', id, jsonb_build_object(
    'eventId', event_id, 'occurredAt', floor(extract(epoch FROM placed_at) * 1000), 'orderId', id,
    'userId', user_id, 'amountMinor', amount_minor, 'currency', currency)
  FROM events`;

const slowDown = async (stack: Stack): Promise<void> => {
  await stack.deploy('worker', { PAYMENTS_DELAY_MS: '1500' });
  await stack.sql(IMPORT);
};

export const drill: Drill = {
  name: 'consumer-lag',
  title: `A release of the worker makes each payment take 1.5 s, and ${ORDERS} orders are imported.`,
  alert: 'ConsumerLag',
  labels: { topic: 'user-service.orders.v1' },
  runbook: 'consumer-lag',
  blocks: ['lag', 'duration', 'worker', 'rollback', 'verify'],
  question: 'The worker is 1,500 messages behind. Do more workers help?',
  answer:
    'Hardly. One worker already handles its three partitions at the same time, and each message waits for a payment: two decisions per second, whatever the ' +
    'CPU does. The setting came with the last release of the worker: roll it back.',
  log: { process: 'worker', line: /worker has started/ },
  inject: slowDown,
  recovered: assertDecided,
  undo: (stack) => stack.rollBack('worker'),
};
