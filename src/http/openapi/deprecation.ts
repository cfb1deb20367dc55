// Announces a deprecated operation: to its callers with every response, and to readers of the OpenAPI document.

import type { FastifyReply, onSendHookHandler } from 'fastify';

import type { Hooks } from '../hooks/add-hooks.ts';
import { deprecationHeaders, type Deprecations } from './deprecations.ts';

const addHeaders = (reply: FastifyReply, headers: ReturnType<typeof deprecationHeaders>): void => {
  const links = reply.getHeader('link');
  reply.headers({ ...headers, ...(links === undefined ? {} : { Link: `${String(links)}, ${headers.Link}` }) });
};

/** Must be added before the routes. Routes that are not deprecated get no hook. */
export const makeDeprecation = (deprecations: Deprecations): Hooks => {
  const byOperation = new Map(Object.entries(deprecations));
  return {
    onRoute: (route) => {
      const deprecation = byOperation.get(route.schema?.operationId ?? '');
      if (deprecation === undefined) return;
      const headers = deprecationHeaders(deprecation);
      const onSend: onSendHookHandler = (_request, reply, _payload, done) => {
        addHeaders(reply, headers);
        done();
      };
      route.onSend = [route.onSend ?? []].flat().concat(onSend);
    },
  };
};

const DESCRIPTIONS = new Map([
  ['Deprecation', 'Since when this operation is deprecated (RFC 9745), in seconds since 1970.'],
  ['Sunset', 'When this operation will stop responding (RFC 8594).'],
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
