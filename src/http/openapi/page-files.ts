// The files of the documentation page, from memory: all responses with a file share one buffer, so that clients that don't read theirs cost
// little. Each is read and compressed when it is first requested.

import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

import type { FastifyReply, FastifyRequest } from 'fastify';

import { isFresh } from '../conditional/etag.ts';
import { HttpError } from '../errors.ts';

const DIRECTORY = join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui')), 'static');

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.html', 'text/html; charset=utf-8'],
  ['.json', 'application/json; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
]);

/** Names don't change with the version, so a copy is used for an hour and then revalidated. */
const CACHE_CONTROL = 'public, max-age=3600';

type PageFile = {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
  readonly contentType: string;
};

const load = async (name: string): Promise<PageFile> => {
  // eslint-disable-next-line security/detect-non-literal-fs-filename -- a name that `readdirSync` returned
  const plain = await readFile(join(DIRECTORY, name));
  return {
    plain,
    gzipped: await promisify(gzip)(plain),
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    contentType: CONTENT_TYPES.get(extname(name)) ?? 'application/octet-stream',
  };
};

/** RFC 9110 section 12.5.3. */
const acceptsGzip = (acceptEncoding = ''): boolean =>
  acceptEncoding
    .toLowerCase()
    .split(',')
    .map((item) => item.split(';').map((part) => part.trim()))
    .some(([coding = '', weight = 'q=1']) => ['gzip', '*'].includes(coding) && Number(weight.slice('q='.length)) > 0);

/**
 * What the kernel buffers counts as sent, so a client that has not read it seems to wait for its next request. It is given the time of
 * a client that does not read, which is shorter.
 */
const shortenWait = ({ raw }: FastifyRequest, reply: FastifyReply, socketTimeoutMs: number): void => {
  reply.raw.on('finish', () => {
    if (raw.socket instanceof Socket) raw.socket.setTimeout(socketTimeoutMs);
  });
};

type Options = {
  /** How long no byte of a response may move. */
  readonly socketTimeoutMs: number;
};

const send = (request: FastifyRequest, reply: FastifyReply, file: PageFile & Options): FastifyReply => {
  reply.headers({ 'cache-control': CACHE_CONTROL, etag: file.etag, vary: 'accept-encoding' });
  if (isFresh(request.headers['if-none-match'], file.etag)) return reply.code(304).send();
  shortenWait(request, reply, file.socketTimeoutMs);
  reply.header('content-type', file.contentType);
  if (!acceptsGzip(request.headers['accept-encoding'])) return reply.send(file.plain);
  return reply.header('content-encoding', 'gzip').send(file.gzipped);
};

/** A handler for a route that ends with `*`. */
export const makePageFiles = ({ socketTimeoutMs }: Options) => {
  // eslint-disable-next-line security/detect-non-literal-fs-filename -- the folder of a package
  const files = new Map<string, Promise<PageFile> | undefined>(readdirSync(DIRECTORY).map((name) => [name, undefined]));
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { '*': name } = request.params as { '*': string };
    if (!files.has(name)) throw new HttpError('ROUTE_NOT_FOUND', 'Nothing is served at this path.');
    const file = files.get(name) ?? load(name);
    files.set(name, file);
    return send(request, reply, { ...(await file), socketTimeoutMs });
  };
};
