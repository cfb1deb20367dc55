import type { FastifyReply } from 'fastify';

import { UserError } from '../users/errors.ts';
import { toEtag } from '../users/etag.ts';
import type { UserDocument } from '../users/user-document.ts';
import { isUuid } from '../uuid/uuid.ts';
import type { UserId } from '../users/user.ts';

export const JSON_CONTENT_TYPE = 'application/json; charset=utf-8';

/** May be kept by the caller's own cache, and is asked for again each time. */
export const USER_CACHE_CONTROL = 'private, no-cache';

/** Text that is no id is an id that nobody has: 404, so that the answer tells nothing apart. @throws UserError USER_NOT_FOUND */
export const toUserId = (text: string): UserId => {
  const id = text.toLowerCase();
  if (!isUuid(id)) throw new UserError('USER_NOT_FOUND', 'There is no such user.');
  return id;
};

export const versionHeaders = ({ version }: UserDocument) => ({
  'cache-control': USER_CACHE_CONTROL,
  etag: toEtag(version),
});

/** The headers of a user's published text; gives the text back, to be sent as it is. */
export const describeUser = (reply: FastifyReply, document: UserDocument): string => {
  reply.headers(versionHeaders(document)).header('content-type', JSON_CONTENT_TYPE);
  return document.json;
};
