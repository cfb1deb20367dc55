import { Type } from 'typebox';
import { choice, integer } from '../setting.ts';

export const outbox = Type.Object(
  {
    shards: choice('OUTBOX_SHARDS', ['1', '2', '4', '8', '16'], {
      default: '1',
      description: 'Into how many parts the outbox is split; each is published by one process at a time.',
    }),
    batchSize: integer('OUTBOX_BATCH_SIZE', {
      default: 500,
      minimum: 1,
      maximum: 5000,
      description: 'Most events that are sent together.',
    }),
    pollMs: integer('OUTBOX_POLL_MS', {
      default: 1000,
      minimum: 10,
      maximum: 60_000,
      description: 'Longest time that an event waits when the notification about it got lost.',
    }),
  },
  { description: 'How the relay brings events from the outbox to Kafka.' },
);
