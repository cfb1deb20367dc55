import { Type } from 'typebox';
import { integer, text } from '../setting.ts';

export const consumers = Type.Object(
  {
    group: text('CONSUMERS_GROUP', {
      default: 'user-service-worker',
      pattern: '^[\\w.-]{1,200}$',
      expected: 'letters, digits, dots, dashes and underscores',
      description: 'Consumer group of the worker. Its members share the partitions.',
    }),
    sessionTimeoutMs: integer('CONSUMERS_SESSION_TIMEOUT_MS', {
      default: 6000,
      minimum: 6000,
      maximum: 300_000,
      description:
        'Session timeout: without heartbeats for this long, a member’s partitions are reassigned. Handlers do not delay heartbeats.',
    }),
    attempts: integer('CONSUMERS_ATTEMPTS', {
      default: 3,
      minimum: 1,
      maximum: 10,
      description: 'Attempts to handle a message before it becomes a dead letter.',
    }),
  },
  { description: 'How the worker handles events.' },
);
