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
      description: 'Response time of the sandbox.',
    }),
    timeoutMs: integer('PAYMENTS_TIMEOUT_MS', {
      default: 2000,
      minimum: 10,
      maximum: 30_000,
      description: 'Timeout of a payment request.',
    }),
    down: flag('PAYMENTS_DOWN', {
      default: false,
      description: 'Whether the sandbox is unavailable. Orders then wait.',
    }),
  },
  { description: 'The payment provider, a sandbox.' },
);
