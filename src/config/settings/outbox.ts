import { Type } from 'typebox';
import { choice, integer } from '../setting.ts';

export const outbox = Type.Object(
  {
    shards: choice('OUTBOX_SHARDS', ['1', '2', '4', '8', '16'], {
      default: '1',
      description: 'Number of shards of the outbox. Each is published by one process at a time.',
    }),
    batchSize: integer('OUTBOX_BATCH_SIZE', {
      default: 500,
      minimum: 1,
      maximum: 5000,
      description: 'Maximum number of events per batch.',
    }),
    pollMs: integer('OUTBOX_POLL_MS', {
      default: 1000,
      minimum: 10,
      maximum: 60_000,
      description: 'Poll interval, and so the longest delay of an event whose notification is lost.',
    }),
  },
  { description: 'How the relay publishes events from the outbox to Kafka.' },
);
