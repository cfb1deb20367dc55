import { Type } from 'typebox';
import { choice, flag, integer, text } from '../setting.ts';

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

export const consumers = Type.Object(
  {
    group: text('CONSUMERS_GROUP', {
      default: 'user-service-worker',
      pattern: '^[\\w.-]{1,200}$',
      expected: 'letters, digits, dots, dashes and underscores',
      description: 'Consumer group of the worker; its members share the partitions.',
    }),
    sessionTimeoutMs: integer('CONSUMERS_SESSION_TIMEOUT_MS', {
      default: 30_000,
      minimum: 6000,
      maximum: 300_000,
      description: 'After this silence of a member the broker gives its partitions to others.',
    }),
    attempts: integer('CONSUMERS_ATTEMPTS', {
      default: 3,
      minimum: 1,
      maximum: 10,
      description: 'How often a message is tried whose handler fails, before it becomes a dead letter.',
    }),
  },
  { description: 'How the worker handles events.' },
);

export const payments = Type.Object(
  {
    limitMinor: integer('PAYMENTS_LIMIT_MINOR', {
      default: 100_000,
      minimum: 0,
      maximum: 1_000_000_000,
      description: 'The sandbox declines payments above this amount, in minor units.',
    }),
    delayMs: integer('PAYMENTS_DELAY_MS', {
      default: 20,
      minimum: 0,
      maximum: 60_000,
      description: 'How long the sandbox takes for an answer.',
    }),
    timeoutMs: integer('PAYMENTS_TIMEOUT_MS', {
      default: 2000,
      minimum: 10,
      maximum: 30_000,
      description: 'Longest wait for the answer.',
    }),
    down: flag('PAYMENTS_DOWN', { default: false, description: 'Whether the sandbox is out of order: orders wait.' }),
  },
  { description: 'The payment provider: a sandbox.' },
);
