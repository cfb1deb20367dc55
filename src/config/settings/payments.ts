import { Type } from 'typebox';
import { flag, integer } from '../setting.ts';

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
