// Who sent a request: the nearest hop that is not a trusted proxy. The keys of all limits come from here.

import { BlockList } from 'node:net';

import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';

import { parseAddress, toClient } from '../../rate-limit/client-address.ts';
import type { Client } from '../../rate-limit/ports.ts';

/** Of a connection that was closed before it was looked at. All of them count together. */
const GONE: Client = { address: 'unknown', networks: [{ key: 'unknown', factor: 1 }], neighbourhood: 'unknown' };

type Family = 'ipv4' | 'ipv6';

const familyOf = (address: string): Family => (address.includes(':') ? 'ipv6' : 'ipv4');

const toBlockList = (blocks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const block of blocks) {
    const [text = '', bits] = block.split('/');
    const address = parseAddress(text) ?? text;
    const family = familyOf(address);
    const mappedBits = family === 'ipv4' && text.includes(':') ? 96 : 0;
    const all = family === 'ipv4' ? 32 : 128;
    list.addSubnet(address, bits === undefined ? all : Number(bits) - mappedBits, family);
  }
  return list;
};

/**
 * For Fastify's `trustProxy`.
 * @param blocks addresses or CIDR blocks of proxies
 * @returns whether a hop is such a proxy, written with or without a port; false when there are none
 */
export const makeTrustProxy = (blocks: readonly string[]): false | ((hop: string) => boolean) => {
  if (blocks.length === 0) return false;
  const proxies = toBlockList(blocks);
  const decided = new LRUCache<string, boolean>({ max: 1000 });
  return (hop) => {
    const known = decided.get(hop);
    if (known !== undefined) return known;
    const address = parseAddress(hop);
    if (address === undefined) return false;
    const isProxy = proxies.check(address, familyOf(address));
    decided.set(hop, isProxy);
    return isProxy;
  };
};

type Hops = Pick<FastifyRequest, 'ip' | 'ips'>;

/** Whatever the type says, it is undefined when the connection was reset. */
const textOf = ({ ip }: { readonly ip?: string }): string => ip ?? '';

/** The nearest hop that is an address, when the first one is none. */
const nextHop = ({ ips = [] }: Hops): Client =>
  ips.map((ip) => toClient(textOf({ ip }))).findLast((client) => client !== undefined) ?? GONE;

/**
 * The client of a request. When X-Forwarded-For holds something else than an address, the hop before it counts, which is a proxy or the peer:
 * nobody chooses the key under which he is counted.
 */
export const clientOf = (request: Hops): Client => {
  return toClient(textOf(request)) ?? nextHop(request);
};

const MAX_CACHED = 10_000;

/** `clientOf` with a cache of addresses, for what runs on every request. */
export const makeClientOf = (): typeof clientOf => {
  const clients = new LRUCache<string, Client>({ max: MAX_CACHED });
  return (request) => {
    const ip = textOf(request);
    const known = clients.get(ip);
    if (known !== undefined) return known;
    const client = toClient(ip);
    if (client === undefined) return nextHop(request);
    clients.set(ip, client);
    return client;
  };
};

/** The key of the narrowest limit, e.g. for a log line: an IPv4 address, or the /64 of an IPv6 address. */
export const clientAddress = (request: Hops): string => clientOf(request).address;
