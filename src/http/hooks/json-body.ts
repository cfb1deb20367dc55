// The only reader of bodies: application/json in UTF-8, and nothing else reaches a handler.

import type { IncomingHttpHeaders } from 'node:http';
import { MIMEType } from 'node:util';

import type { FastifyInstance, FastifyRequest } from 'fastify';

import { HttpError } from '../errors.ts';
import { findTextFaults } from '../problems/text-faults.ts';

const JSON_TYPE = 'application/json';
const UTF8 = new TextDecoder('utf-8', { fatal: true });

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(UTF8.decode(body));
  } catch {
    throw new HttpError('BODY_UNREADABLE', 'The body is not JSON in UTF-8.');
  }
};

const isEmpty = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';

/** RFC 9110 section 8.3.1: parameters that JSON does not have are ignored; `charset` may only say what JSON is (RFC 8259 section 8.1). */
const isJson = (contentType: string): boolean => {
  if (contentType === JSON_TYPE) return true; // nearly all
  try {
    const { essence, params } = new MIMEType(contentType);
    return essence === JSON_TYPE && /^utf-?8$/i.test(params.get('charset') ?? 'utf-8');
  } catch {
    return false;
  }
};

/**
 * The value of a body; undefined when there is none.
 * @throws HttpError CONTENT_TYPE_UNSUPPORTED | BODY_UNREADABLE | REQUEST_INVALID
 */
export const parseJsonBody = (contentType: string | undefined, body: Buffer): unknown => {
  if (!isJson(contentType ?? '')) {
    throw new HttpError('CONTENT_TYPE_UNSUPPORTED', 'Only application/json in UTF-8 is supported.');
  }
  if (body.length === 0) return undefined;
  const value = parse(body);
  const faults = findTextFaults(value);
  if (faults.length > 0)
    throw new HttpError('REQUEST_INVALID', 'The body contains values that no field may have.', { faults });
  return value;
};

/** Replaces the content type parsers of `app`. */
export const acceptOnlyJson = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    done(null, parseJsonBody(request.headers['content-type'], body as Buffer));
  });
};

/** A request without content has no content type that could be wrong (RFC 9110 section 15.5.16), unless its route requires content. */
export const ignoreTypeOfNothing = {
  onRequestSync: (request: FastifyRequest): void => {
    const { headers } = request.raw;
    if (headers['content-type'] !== undefined && isEmpty(headers) && request.routeOptions.schema?.body === undefined)
      delete headers['content-type'];
  },
};
