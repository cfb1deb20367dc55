import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { makeSandboxPayments } from '../../../src/payments/sandbox.ts';

const settings = { limitMinor: 100_000, delayMs: 0, timeoutMs: 1000, down: false };
const payment = (amountMinor: number) => ({ orderId: randomUUID(), amountMinor, currency: 'EUR' });

describe('the payment sandbox', () => {
  it.each([
    [1, 'approved'],
    [100_000, 'approved'],
    [100_001, 'declined'],
  ] as const)('answers an amount of %d: %s', async (amountMinor, answer) => {
    expect(await makeSandboxPayments(settings).authorize(payment(amountMinor))).toBe(answer);
  });

  it.each([1, 100_001])('gives an order of %d the same answer again, after a restart as well', async (amountMinor) => {
    const one = payment(amountMinor);
    const first = await makeSandboxPayments(settings).authorize(one);

    const again = Array.from({ length: 5 }, () => makeSandboxPayments(settings).authorize(one));

    expect(new Set(await Promise.all(again))).toEqual(new Set([first]));
  });

  it('takes as long as it is told', async () => {
    const start = performance.now();
    await makeSandboxPayments({ ...settings, delayMs: 30 }).authorize(payment(1));

    expect(performance.now() - start).toBeGreaterThanOrEqual(28);
  });

  it('gives up at its own deadline', async () => {
    const slow = makeSandboxPayments({ ...settings, delayMs: 60_000, timeoutMs: 20 });

    await expect(slow.authorize(payment(1))).rejects.toMatchObject({
      name: 'Unavailable',
      code: 'PAYMENT_UNAVAILABLE',
    });
  });

  it('can be down', async () => {
    const down = makeSandboxPayments({ ...settings, down: true });

    await expect(down.authorize(payment(1))).rejects.toMatchObject({
      name: 'Unavailable',
      code: 'PAYMENT_UNAVAILABLE',
    });
  });
});
