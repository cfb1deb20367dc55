// Tells the callers of a deprecated operation, with each of its answers, and the readers of the document.

import type { FastifyInstance, FastifyReply, onSendHookHandler } from 'fastify';

import { deprecationHeaders, type Deprecations } from './deprecations.ts';

const describe = (reply: FastifyReply, headers: ReturnType<typeof deprecationHeaders>): void => {
  const links = reply.getHeader('link');
  reply.headers({ ...headers, ...(links === undefined ? {} : { Link: `${String(links)}, ${headers.Link}` }) });
};

/** Must be added before the routes. Routes that are not deprecated get no hook. */
export const addDeprecation = (app: FastifyInstance, deprecations: Deprecations): void => {
  const byOperation = new Map(Object.entries(deprecations));
  app.addHook('onRoute', (route) => {
    const deprecation = byOperation.get(route.schema?.operationId ?? '');
    if (deprecation === undefined) return;
    const headers = deprecationHeaders(deprecation);
    const tell: onSendHookHandler = (_request, reply, _payload, done) => {
      describe(reply, headers);
      done();
    };
    route.onSend = [route.onSend ?? []].flat().concat(tell);
  });
};

const DESCRIPTIONS = new Map([
  ['Deprecation', 'Since when this operation should not be used (RFC 9745), in seconds since 1970.'],
  ['Sunset', 'When it stops answering (RFC 8594).'],
  ['Link', 'What to use instead (`rel="deprecation"`), beside other links.'],
]);

type Operation = { deprecated?: boolean; responses?: Record<string, { headers?: object }> };

/** The same in the document: `deprecated`, and the headers on every response. */
export const documentDeprecation = (operation: Operation, deprecation: Deprecations[string]): void => {
  const headers = Object.fromEntries(
    Object.entries(deprecationHeaders(deprecation)).map(([name, example]) => [
      name,
      { description: DESCRIPTIONS.get(name), required: true, schema: { type: 'string' }, example },
    ]),
  );
  operation.deprecated = true;
  for (const response of Object.values(operation.responses ?? {}))
    response.headers = { ...response.headers, ...headers };
};
