import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { orderConfirmed, orderPlaced, orderRejected } from '../../src/orders/events.ts';
import { toOrderRepresentation } from '../../src/orders/order-representation.ts';
import { assertOrderInput, MAX_AMOUNT_MINOR } from '../../src/orders/order-input.ts';
import { isUuidV7 } from '../../src/uuid/uuid.ts';

const time = fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true });
const uuid = fc.uuid();
const amount = fc.integer({ min: 1, max: MAX_AMOUNT_MINOR });
const invalid = expect.objectContaining({ code: 'ORDER_INPUT_INVALID' }) as Error;

describe('an amount', () => {
  it('is accepted when it is an integer within its bounds', () => {
    fc.assert(
      fc.property(amount, (amountMinor) => {
        assertOrderInput({ amountMinor, currency: 'EUR' });
      }),
    );
  });

  it('is rejected when it is any other number', () => {
    const other = fc.double().filter((n) => !Number.isInteger(n) || n < 1 || n > MAX_AMOUNT_MINOR);
    fc.assert(
      fc.property(other, (amountMinor) => {
        expect(() => {
          assertOrderInput({ amountMinor, currency: 'EUR' });
        }).toThrow(invalid);
      }),
    );
  });
});

describe('a currency', () => {
  it('is rejected when it is not three capital letters', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/^[A-Z]{3}$/.test(text)),
        (currency) => {
          expect(() => {
            assertOrderInput({ amountMinor: 1, currency });
          }).toThrow(invalid);
        },
      ),
    );
  });
});

const placed = fc.record({
  ...{ id: uuid, userId: uuid, amountMinor: amount, currency: fc.constantFrom('EUR', 'JPY', 'KWD'), placedAt: time },
  ...{ status: fc.constant('placed' as const), decidedAt: fc.constant(undefined) },
  rejectionReason: fc.constant(undefined),
});

describe('an order', () => {
  it('is published without its user and without unknown values', () => {
    fc.assert(
      fc.property(placed, (order) => {
        const published = JSON.parse(toOrderRepresentation(order).json) as object;
        expect(Object.keys(published)).toEqual(['id', 'status', 'amountMinor', 'currency', 'placedAt']);
      }),
    );
  });

  it('has events with distinct ids, each with its own time', () => {
    fc.assert(
      fc.property(placed, time, (order, at) => {
        const events = [orderPlaced(order), orderConfirmed(order, at), orderRejected(order, at, 'PAYMENT_DECLINED')];
        expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(3);
        expect(events.every(({ eventId }) => isUuidV7(eventId))).toBe(true);
        expect(events.map(({ occurredAt }) => occurredAt)).toEqual([order.placedAt, at, at]);
      }),
    );
  });
});
