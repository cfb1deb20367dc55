// A client address in its one normal form. X-Forwarded-For is text that others wrote: what is not an IP address is never a key.

import { isIP, isIPv4 } from 'node:net';

import type { Client } from './ports.ts';

/** No address with a zone, brackets and a port is longer. */
const MAX_LENGTH = 80;
const PORT = /:\d{1,5}$/;
const BRACKETS = /^\[([^\]]*)\]$/;
/** ::ffff:0:0/96, RFC 4291 section 2.5.5.2. */
const MAPPED = '0:0:0:0:0:ffff:';

/** Its eight groups, without leading zeros and with `::` written out. */
const expand = (ipv6: string): string => {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(ipv6);
  const group = (high = '', low = ''): string => (Number(high) * 256 + Number(low)).toString(16);
  const text = dotted ? `${dotted[1]}${group(dotted[2], dotted[3])}:${group(dotted[4], dotted[5])}` : ipv6;
  const [before = [], after] = text.split('::').map((part) => part.split(':').filter((one) => one !== ''));
  const zeros = after === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...(after ?? [])].map((one) => Number.parseInt(one, 16).toString(16)).join(':');
};

const unmap = (ipv6: string): string => {
  const [high = 0, low = 0] = ipv6
    .split(':')
    .slice(6)
    .map((one) => Number.parseInt(one, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
};

const normalForm = (address: string): string | undefined => {
  const [text = ''] = address.split('%', 1); // without its zone
  const version = isIP(text);
  if (version === 0) return undefined;
  if (version === 4) return text;
  const ipv6 = expand(text.toLowerCase());
  return ipv6.startsWith(MAPPED) ? unmap(ipv6) : ipv6;
};

/**
 * `192.0.2.7` of `192.0.2.7:4711`, `[::ffff:192.0.2.7]:4711` and the like; IPv6 with all its eight groups, without its zone.
 * @param text an IPv4 or IPv6 address, with or without port, brackets and zone: gateways append all of them
 * @returns undefined for anything else, e.g. `unknown` and `_hidden` (RFC 7239 section 6)
 */
export const parseAddress = (text: string): string | undefined => {
  if (text.length > MAX_LENGTH) return undefined;
  const whole = normalForm(text);
  if (whole !== undefined) return whole;
  const withoutPort = text.replace(PORT, '');
  return normalForm(BRACKETS.exec(withoutPort)?.[1] ?? withoutPort);
};

const prefix = (groups: readonly string[], bits: number): string => {
  const whole = groups.slice(0, Math.floor(bits / 16));
  const rest = bits % 16 === 0 ? [] : [(Number.parseInt(groups[whole.length] ?? '0', 16) & 0xff00).toString(16)];
  return `${[...whole, ...rest].join(':')}::/${bits}`;
};

const neighbourhoodOf = (ipv4: string): string => `${ipv4.slice(0, ipv4.lastIndexOf('.'))}.0/24`;

const ofIPv6 = (groups: readonly string[]): Client => {
  const [site, home, line] = [prefix(groups, 48), prefix(groups, 56), prefix(groups, 64)];
  const networks = [
    { key: site, factor: 16 },
    { key: home, factor: 4 },
    { key: line, factor: 1 },
  ];
  return { address: line, networks, neighbourhood: site };
};

/** @returns undefined when `text` is no address in the sense of `parseAddress` */
export const toClient = (text: string): Client | undefined => {
  const address = isIPv4(text) ? text : parseAddress(text); // nearly every request: no need to look for brackets and ports
  if (address === undefined) return undefined;
  if (address.includes(':')) return ofIPv6(address.split(':'));
  return { address, networks: [{ key: address, factor: 1 }], neighbourhood: neighbourhoodOf(address) };
};
