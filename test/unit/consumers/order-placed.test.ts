import { describe, expect, it } from 'vitest';

import { makeOrderPlacedHandler, type OrderToDecide } from '../../../src/consumers/order-placed.ts';

const VALID = {
  eventId: '0190a3a0-0000-7000-8000-000000000001',
  occurredAt: 1_767_323_045_678,
  orderId: '0190a3a0-0000-7000-8000-000000000002',
  userId: '0190a3a0-0000-7000-8000-000000000003',
  amountMinor: 1999,
  currency: 'EUR',
};

const arrange = () => {
  const decided: OrderToDecide[] = [];
  const handle = makeOrderPlacedHandler({
    decideOrder: (order) => {
      decided.push(order);
      return Promise.resolve();
    },
  });
  return { decided, handle };
};

describe('the handler of OrderPlaced', () => {
  it('passes validated values to decideOrder', async () => {
    const { decided, handle } = arrange();

    await handle({ type: 'OrderPlaced', payload: VALID });

    const { eventId, orderId, userId, amountMinor, currency } = VALID;
    expect(decided).toEqual([{ eventId, orderId, userId, amountMinor, currency }]);
  });

  it.each([
    ['eventId', undefined],
    ['eventId', 'e-1'],
    ['orderId', ''],
    ['userId', 7],
    ['amountMinor', 0],
    ['amountMinor', -1],
    ['amountMinor', 1.5],
    ['amountMinor', Number.MAX_SAFE_INTEGER + 1],
    ['amountMinor', '1999'],
    ['amountMinor', Number.NaN],
    ['currency', 'eur'],
    ['currency', 'EURO'],
    ['currency', 'EUR\n'],
    ['currency', null],
  ])('rejects %s %o permanently', async (field, value) => {
    const { decided, handle } = arrange();

    const handled = handle({ type: 'OrderPlaced', payload: { ...VALID, [field]: value } });

    await expect(handled).rejects.toMatchObject({ code: 'EVENT_FORBIDDEN', isTransient: false });
    expect(decided).toEqual([]);
  });
});
