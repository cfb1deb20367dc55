// Rejects a request without Host, with an expectation that nobody meets (Node's own responses to both are no problem documents), and what routers, proxies and this service could interpret differently: overlong URIs, and single-value headers that were sent twice.
// Node keeps the first Authorization and joins other duplicates, so only the raw list shows them.

import type { IncomingMessage } from 'node:http';

import type { FastifyRequest } from 'fastify';

import { HttpError } from '../errors.ts';

const MAX_URL_LENGTH = 2048;
const SINGLE = ['host', 'if-match', 'content-type', 'authorization', 'idempotency-key'];
const SINGLE_LENGTHS = new Set(SINGLE.map((name) => name.length));

/** The name of a single-value header that occurs twice. `rawHeaders` is name, value, name, value … */
export const findDuplicate = (rawHeaders: readonly string[]): string | undefined => {
  let seen = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const raw = rawHeaders.at(i) ?? '';
    const place = SINGLE_LENGTHS.has(raw.length) ? SINGLE.indexOf(raw.toLowerCase()) : -1;
    if (place === -1) continue;
    const bit = 1 << place;
    if ((seen & bit) !== 0) return SINGLE.at(place);
    seen |= bit;
  }
  return undefined;
};

const assertExpectation = (expect: string | undefined): void => {
  if (expect === undefined || expect.toLowerCase() === '100-continue') return;
  throw new HttpError('EXPECTATION_FAILED', 'The only expectation that this service meets is 100-continue.');
};

/** RFC 9112 section 3.2. */
const assertHost = ({ headers, httpVersion }: IncomingMessage): void => {
  if (headers.host === undefined && httpVersion !== '1.0')
    throw new HttpError('REQUEST_MALFORMED', 'The header host is required.');
};

export const requestHead = {
  onRequestSync: (request: FastifyRequest): void => {
    assertHost(request.raw);
    assertExpectation(request.headers.expect);
    if (request.url.length > MAX_URL_LENGTH) throw new HttpError('URI_TOO_LONG', 'The path and query are too long.');
    const duplicate = findDuplicate(request.raw.rawHeaders);
    if (duplicate !== undefined)
      throw new HttpError('HEADER_DUPLICATED', `The header ${duplicate} was sent more than once.`);
  },
};
