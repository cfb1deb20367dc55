import { Type } from 'typebox';
import { integer, text } from '../setting.ts';

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
