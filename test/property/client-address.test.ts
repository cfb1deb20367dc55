import { isIP } from 'node:net';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseAddress, toClient } from '../../src/rate-limit/client-address.ts';

const groupsOf = (address: string): string[] => address.split(':');

/** One of the many ways to write eight groups: leading zeros, capitals, `::` for any run of zeros. */
const written = (groups: readonly number[], style: number): string => {
  const text = groups.map((group) => group.toString(16).padStart(style % 2 ? 4 : 1, '0'));
  const upper = style % 3 === 0 ? text.map((group) => group.toUpperCase()) : text;
  const first = groups.findIndex((group) => group === 0);
  if (first < 0 || style % 5 === 0) return upper.join(':');
  let last = first;
  while (groups[last + 1] === 0) last += 1;
  return `${upper.slice(0, first).join(':')}::${upper.slice(last + 1).join(':')}`;
};

const ipv6Groups = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .filter((groups) => groups.slice(0, 5).some((group) => group !== 0));
const port = fc.integer({ min: 0, max: 65_535 });

describe('the normal form of an address', () => {
  it('is the same for every way to write it, and is an address', () => {
    fc.assert(
      fc.property(ipv6Groups, fc.nat(30), port, (groups, style, number) => {
        const text = written(groups, style);
        const expected = groups.map((group) => group.toString(16)).join(':');
        return [text, `[${text}]`, `[${text}]:${number}`, `${text}%eth0`].every(
          (form) => parseAddress(form) === expected,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('of IPv4 is the same with a port, and mapped to IPv6 in both notations', () => {
    fc.assert(
      fc.property(fc.ipV4(), port, (address, number) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
        const hex = `::ffff:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
        return [`${address}:${number}`, `::ffff:${address}`, hex, `[${hex}]:${number}`].every(
          (form) => parseAddress(form) === address,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('is a fixed point, and nothing that is no address has one', () => {
    const noise = fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef:.[]%_ x')), maxLength: 60 });
    fc.assert(
      fc.property(fc.oneof(noise, fc.string(), fc.ipV4(), fc.ipV6()), (text) => {
        const address = parseAddress(text);
        return address === undefined || (isIP(address) !== 0 && parseAddress(address) === address);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('the networks of a client', () => {
  it('are shared exactly by the addresses with the same prefix', () => {
    fc.assert(
      fc.property(ipv6Groups, fc.integer({ min: 0, max: 127 }), (groups, bit) => {
        const changed = groups.map((group, index) => (index === bit >> 4 ? group ^ (0x8000 >> (bit & 15)) : group));
        const [one, two] = [groups, changed].map((each) => toClient(each.map((g) => g.toString(16)).join(':')));
        fc.pre(one?.networks.length === 3 && two?.networks.length === 3); // else the change made it an IPv4 address
        const same = one.networks.map(({ key }) => two.networks.some((other) => other.key === key));
        expect(same).toEqual([bit >= 48, bit >= 56, bit >= 64]);
      }),
      { numRuns: 2000 },
    );
  });

  it('never hold text of the caller', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const client = toClient(text);
        return client === undefined || groupsOf(client.address).every((part) => /^[0-9a-f./]*$/.test(part));
      }),
    );
  });
});
