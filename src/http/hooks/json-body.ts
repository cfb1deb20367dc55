// The only reader of bodies: application/json in UTF-8, and nothing else reaches a handler.

import type { FastifyInstance } from 'fastify';

import { HttpError } from '../errors.ts';
import { findTextFaults } from '../problems/text-faults.ts';

const CONTENT_TYPES = new Set([
  'application/json',
  'application/json;charset=utf-8',
  'application/json;charset="utf-8"',
]);
const UTF8 = new TextDecoder('utf-8', { fatal: true });

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(UTF8.decode(body));
  } catch {
    throw new HttpError('BODY_UNREADABLE', 'The body is not JSON in UTF-8.');
  }
};

/**
 * The value of a body; undefined when there is none.
 * @throws HttpError CONTENT_TYPE_UNSUPPORTED | BODY_UNREADABLE | REQUEST_INVALID
 */
export const parseJsonBody = (contentType: string | undefined, body: Buffer): unknown => {
  if (!CONTENT_TYPES.has((contentType ?? '').toLowerCase().replaceAll(' ', ''))) {
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
