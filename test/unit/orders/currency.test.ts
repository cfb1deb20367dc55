import { describe, expect, it } from 'vitest';

import { isCurrency } from '../../../src/orders/currency.ts';

const LETTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const all = LETTERS.flatMap((a) => LETTERS.flatMap((b) => LETTERS.map((c) => a + b + c))).filter(isCurrency);

describe('the list of currencies', () => {
  it('contains only codes that the runtime knows', () => {
    const known = new Set([...Intl.supportedValuesOf('currency'), 'VED']); // ISO 4217 has VED since 2021, ICU has not

    expect(all.length).toBeGreaterThan(150);
    expect(all.filter((code) => !known.has(code))).toEqual([]);
  });

  it.each(['EUR', 'USD', 'JPY', 'KWD', 'XAF', 'ZWG'])('contains %s', (code) => {
    expect(isCurrency(code)).toBe(true);
  });

  it.each(['XAU', 'XTS', 'XXX', 'DEM', 'CHE', 'constructor'])('does not contain %s', (code) => {
    expect(isCurrency(code)).toBe(false);
  });
});
