import { describe, expect, it } from 'vitest';

import { definitionOf, FLAG_KEYS } from '../../../src/flags/definitions.ts';
import { NO_FLAGS, parseFlagFile } from '../../../src/flags/flag-file.ts';

describe('the file of feature flags', () => {
  it('holds values of some flags', () => {
    expect([...parseFlagFile('{ "accept-orders": false, "payment-decline-limit-minor": 0 }')]).toEqual([
      ['accept-orders', false],
      ['payment-decline-limit-minor', 0],
    ]);
    expect(parseFlagFile(NO_FLAGS).size).toBe(0);
  });

  it.each([
    ['', 'is not JSON'],
    ['{"accept-orders": false', 'is not JSON'],
    ['null', 'must be one JSON object'],
    ['[]', 'must be one JSON object'],
    ['"accept-orders"', 'must be one JSON object'],
    ['{"accept-order": false}', 'has a flag "accept-order", which does not exist'],
    ['{"constructor": false}', 'has a flag "constructor", which does not exist'],
    ['{"ann@example.com": true}', 'has a flag whose name is not one, which does not exist'],
    ['{"accept-orders": "false"}', 'has "accept-orders", which must be true or false'],
    ['{"accept-orders": null}', 'has "accept-orders", which must be true or false'],
    ...['-1', '1000000001', '0.5', '1e300', '"5"', 'true'].map((value) => [
      `{"payment-decline-limit-minor": ${value}}`,
      'has "payment-decline-limit-minor", which must be an integer from 0 to 1000000000',
    ]),
  ])('%s is refused as a whole', (text, message) => {
    expect(() => parseFlagFile(text)).toThrow(expect.objectContaining({ code: 'FLAGS_INVALID', message }) as Error);
  });
});

describe('the definitions', () => {
  it.each(FLAG_KEYS)('%s is a permanent switch or has not expired', (key) => {
    const { expires, description, owner } = definitionOf(key);
    expect([description, owner]).not.toContain('');
    expect(expires === 'permanent' || Date.parse(expires) > Date.now()).toBe(true);
  });
});
