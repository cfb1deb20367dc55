/* eslint-disable sonarjs/no-hardcoded-ip -- addresses are what is tested */

import { describe, expect, it } from 'vitest';

import { clientAddress, clientOf, makeClientOf, makeTrustProxy } from '../../../src/http/hooks/client-address.ts';

const mapped = (ipv4: string): string => `::ffff:${ipv4}`;

describe('the client address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7:40001', '192.0.2.7'],
    [mapped('192.0.2.7'), '192.0.2.7'],
    [mapped('c000:207'), '192.0.2.7'],
    [`0:0:0:0:0:FFFF:192.0.2.7`, '192.0.2.7'],
    [`[${mapped('192.0.2.7')}]:40001`, '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:3:4:5:6:40001', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:2::6', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::6]', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::6]:443', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['[fe80::1%eth0]:443', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
  ])('%s counts as %s', (ip, expected) => {
    expect(clientAddress({ ip, ips: undefined } as never)).toBe(expected);
  });

  it.each([
    'unknown',
    '_hidden',
    '',
    ' ',
    '192.0.2.256',
    '192.0.2.7:',
    '192.0.2.7:http',
    '010.0.0.1',
    '[192.0.2.7',
    'x'.repeat(8000),
  ])('is the hop before %j, because that is no address', (ip) => {
    expect(clientAddress({ ip, ips: ['198.51.100.1', '198.51.100.2:443', ip] })).toBe('198.51.100.2');
  });

  it('is the same with a cache, which holds no hop of another request', () => {
    const cached = makeClientOf();
    const requests = [
      { ip: '192.0.2.7:1', ips: undefined },
      { ip: 'unknown', ips: ['198.51.100.1', 'unknown'] },
      { ip: 'unknown', ips: ['198.51.100.2', 'unknown'] },
      { ip: '2001:db8::1', ips: ['198.51.100.2', '2001:db8::1'] },
      { ip: undefined, ips: undefined },
    ] as { ip: string; ips: string[] }[];
    for (const request of [...requests, ...requests]) expect(cached(request)).toEqual(clientOf(request));
  });

  it('is the same unknown one when the connection is gone', () => {
    expect(clientAddress({ ip: undefined, ips: [undefined] } as never)).toBe('unknown');
  });

  it('of IPv6 is part of a /56 and a /48 with wider limits, and of a neighbourhood', () => {
    expect(clientOf({ ip: '2001:db8:1:23f::1', ips: undefined } as never)).toEqual({
      address: '2001:db8:1:23f::/64',
      networks: [
        { key: '2001:db8:1::/48', factor: 16 },
        { key: '2001:db8:1:200::/56', factor: 4 },
        { key: '2001:db8:1:23f::/64', factor: 1 },
      ],
      neighbourhood: '2001:db8:1::/48',
    });
  });

  it('of IPv4 counts alone', () => {
    const networks = [{ key: '192.0.2.7', factor: 1 }];
    const client = { address: '192.0.2.7', networks, neighbourhood: '192.0.2.0/24' };
    expect(clientOf({ ip: '192.0.2.7', ips: undefined } as never)).toEqual(client);
  });
});

describe('a trusted proxy', () => {
  const blocks = ['10.1.0.0/16', '192.0.2.1', 'fd00:1::/32', '::ffff:10.9.0.0/112'];

  it.each([
    ['10.1.2.3', true],
    ['10.1.2.3:443', true],
    [mapped('10.1.2.3'), true],
    [`[${mapped('10.1.2.3')}]:443`, true],
    ['10.9.1.1', true],
    ['192.0.2.1', true],
    ['[fd00:1::9]:443', true],
    ['fd00:1::9%eth0', true],
    ['10.2.0.1', false],
    ['192.0.2.2', false],
    ['fd00:2::9', false],
    ['unknown', false],
    ['', false],
  ])('is recognized: %s %s', (hop, expected) => {
    const isTrusted = makeTrustProxy(blocks);
    const asked = [hop, hop].map((one) => isTrusted !== false && isTrusted(one));
    expect(asked).toEqual([expected, expected]);
  });

  it('does not exist without blocks', () => {
    expect(makeTrustProxy([])).toBe(false);
  });
});
