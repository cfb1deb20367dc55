import { expect, it } from 'vitest';

import { clientAddress } from '../../../src/http/hooks/client-address.ts';

const mapped = (ipv4: string): string => `::ffff:${ipv4}`;

it.each([
  ['192.0.2.7', '192.0.2.7'],
  [mapped('192.0.2.7'), '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6'.toUpperCase(), '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['::', '0:0:0:0'],
])('counts %s as %s', (ip, expected) => {
  expect(clientAddress({ ip })).toBe(expected);
});
