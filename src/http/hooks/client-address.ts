import type { FastifyRequest } from 'fastify';

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** The first four groups of an IPv6 address, `::` written out. */
const networkOf = (address: string): string => {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<string>(Math.max(0, zeros)).fill('0'), ...after].slice(0, 4).join(':');
};

/**
 * The key of a rate limit: the address, or for IPv6 its /64 network, because one subscriber owns all of it.
 * The server's `trustProxy` decides which X-Forwarded-For entries are trusted.
 */
export const clientAddress = ({ ip }: Pick<FastifyRequest, 'ip'>): string => {
  if (!ip.includes(':')) return ip;
  return MAPPED_IPV4.exec(ip)?.[1] ?? networkOf(ip.toLowerCase());
};
