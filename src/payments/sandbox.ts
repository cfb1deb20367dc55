// Stands in for a payment provider: it declines what is too dear, and can be told to be slow or down.

import { setTimeout } from 'node:timers/promises';

import { Unavailable } from '../errors/unavailable.ts';
import type { Payments } from '../orders/ports.ts';

type Options = {
  /** The largest amount that is approved, in minor units of whichever currency. */
  readonly limitMinor: number;
  /** How long an answer takes. */
  readonly delayMs: number;
  /** How long an answer is waited for. */
  readonly timeoutMs: number;
  readonly down: boolean;
};

/**
 * The answer depends on the amount alone and an order's amount never changes, so an order gets the same answer each time, from every process
 * and after a restart, without being remembered.
 */
export const makeSandboxPayments = ({ limitMinor, delayMs, timeoutMs, down }: Options): Payments => ({
  async authorize({ amountMinor }) {
    if (down) throw new Unavailable('PAYMENT_UNAVAILABLE', 'The payment provider can not be reached.');
    try {
      await setTimeout(delayMs, undefined, { signal: AbortSignal.timeout(timeoutMs) });
    } catch (cause) {
      throw new Unavailable('PAYMENT_UNAVAILABLE', 'The payment provider did not answer in time.', { cause });
    }
    return amountMinor <= limitMinor ? 'approved' : 'declined';
  },
});
