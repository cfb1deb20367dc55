import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { makeSandboxPayments } from '../../../src/payments/sandbox.ts';

const LIMIT = 100_000;
const settings = { limitMinor: () => Promise.resolve(LIMIT), delayMs: 0, timeoutMs: 1000, down: false };
const payment = (amountMinor: number) => ({ orderId: randomUUID(), amountMinor, currency: 'EUR' });

describe('the payment sandbox', () => {
  it.each([
    [1, 'approved'],
    [100_000, 'approved'],
    [100_001, 'declined'],
  ] as const)('decides an amount of %d: %s', async (amountMinor, decision) => {
    expect(await makeSandboxPayments(settings).authorize(payment(amountMinor))).toBe(decision);
  });

  it.each([1, 100_001])('gives an order of %d the same decision again, also after a restart', async (amountMinor) => {
    const one = payment(amountMinor);
    const first = await makeSandboxPayments(settings).authorize(one);

    const again = Array.from({ length: 5 }, () => makeSandboxPayments(settings).authorize(one));

    expect(new Set(await Promise.all(again))).toEqual(new Set([first]));
  });

  it('takes the limit that is in force when it decides', async () => {
    let limit = LIMIT;
    const payments = makeSandboxPayments({ ...settings, limitMinor: () => Promise.resolve(limit) });
    expect(await payments.authorize(payment(LIMIT))).toBe('approved');

    limit = LIMIT - 1;

    expect(await payments.authorize(payment(LIMIT))).toBe('declined');
  });

  it('takes the configured time', async () => {
    const start = performance.now();
    await makeSandboxPayments({ ...settings, delayMs: 30 }).authorize(payment(1));

    expect(performance.now() - start).toBeGreaterThanOrEqual(28);
  });

  it('rejects at its timeout', async () => {
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
