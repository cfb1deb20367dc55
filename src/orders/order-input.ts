// Validation of a new order. All faults are reported at once.

import type { Fault } from '../errors/coded-error.ts';
import { isCurrency } from './currency.ts';
import { OrderError } from './errors.ts';
import type { Order } from './order.ts';

export type OrderInput = Pick<Order, 'amountMinor' | 'currency'>;

/** In minor units: a hundred million of a currency with cents. Far below 2^53, so sums are exact, too. */
export const MAX_AMOUNT_MINOR = 10_000_000_000;

const isAmount = (amount: number): boolean => Number.isSafeInteger(amount) && amount >= 1 && amount <= MAX_AMOUNT_MINOR;

/** @throws OrderError ORDER_INPUT_INVALID with a fault per field */
export const assertOrderInput = ({ amountMinor, currency }: OrderInput): void => {
  const faults: Fault[] = [];
  if (!isAmount(amountMinor))
    faults.push({ pointer: '/amountMinor', detail: `must be a whole number from 1 to ${MAX_AMOUNT_MINOR}` });
  if (!isCurrency(currency)) faults.push({ pointer: '/currency', detail: 'must be an ISO 4217 code such as EUR' });
  if (faults.length > 0) throw new OrderError('ORDER_INPUT_INVALID', 'Some fields are not valid.', { faults });
};
