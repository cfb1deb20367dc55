// A sandbox in place of a payment provider: it declines amounts above a limit, and can be configured to be slow or down.

import { setTimeout } from 'node:timers/promises';

import { Unavailable } from '../errors/unavailable.ts';
import type { Payments } from '../orders/ports.ts';

type Options = {
  /** The largest approved amount, in minor units of any currency. It may change while the process runs. */
  readonly limitMinor: () => Promise<number>;
  /** How long a response takes. */
  readonly delayMs: number;
  /** Maximum time for a response. */
  readonly timeoutMs: number;
  readonly down: boolean;
};

/**
 * The decision depends only on the amount, which never changes for an order, and on the limit. An order whose event is delivered again after the
 * limit has changed may get another decision, which has no effect once the first one is stored.
 */
export const makeSandboxPayments = ({ limitMinor, delayMs, timeoutMs, down }: Options): Payments => ({
  async authorize({ amountMinor }) {
    if (down) throw new Unavailable('PAYMENT_UNAVAILABLE', 'The payment provider is unavailable.');
    try {
      await setTimeout(delayMs, undefined, { signal: AbortSignal.timeout(timeoutMs) });
    } catch (cause) {
      throw new Unavailable('PAYMENT_UNAVAILABLE', 'The payment provider did not respond in time.', { cause });
    }
    return amountMinor <= (await limitMinor()) ? 'approved' : 'declined';
  },
});
