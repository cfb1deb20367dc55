// The OpenAPI document, made from the routes themselves when it is first requested, and the page that shows it.

import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

import { documentDeprecation } from './deprecation.ts';
import type { Deprecations } from './deprecations.ts';
import { openApiFrame, toParameters } from './frame.ts';
import { makePageFiles } from './page-files.ts';
import { toResponses } from './responses.ts';
import type { RouteDocs } from './route-docs.ts';

type Operation = {
  operationId?: string;
  parameters?: object[];
  responses?: Record<string, { headers?: object }>;
  deprecated?: boolean;
};
type Paths = Record<string, Record<string, Operation>>;

/** The documentation page loads its own files and calls this API; swagger-ui sets styles on its elements. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** In place of the logo of @fastify/swagger-ui. */
const NAME = `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="40" viewBox="0 0 160 40">
  <text x="0" y="27" font-family="sans-serif" font-size="22" font-weight="bold" fill="#fff">user-service</text>
</svg>`;

const PAGE = {
  routePrefix: '/docs',
  staticCSP: PAGE_POLICY,
  theme: { title: 'user-service API' },
  logo: { type: 'image/svg+xml', content: NAME, href: '/docs', target: '_self' as const },
  uiConfig: {
    urls: [{ url: '/openapi.json', name: 'user-service' }],
    persistAuthorization: false, // a token stays in the memory of the page
    tryItOutEnabled: true,
    validatorUrl: null,
  },
};

/** The route of @fastify/static, which would read and send each file from the disk. */
const PAGE_FILES = `${PAGE.routePrefix}/static/*`;

const complete = (operation: Operation, docs: RouteDocs): void => {
  // the plugin gives a route without a response schema an empty 200
  const fromSchemas = docs.responses === undefined ? operation.responses : {};
  operation.responses = toResponses(docs, fromSchemas ?? {});
  operation.parameters = [...(operation.parameters ?? []), ...toParameters(docs)];
};

type Options = {
  readonly version: string;
  readonly deprecations: Deprecations;
  /** How long no byte of a response may move. */
  readonly socketTimeoutMs: number;
};

const register = async (app: FastifyInstance, { version, deprecations, socketTimeoutMs }: Options): Promise<void> => {
  const deprecated = new Map(Object.entries(deprecations));
  const sendPageFile = makePageFiles({ socketTimeoutMs });
  const docsOf = new Map<string, RouteDocs>();
  app.addHook('onRoute', ({ schema, config }) => {
    if (schema?.operationId !== undefined && config?.docs) docsOf.set(schema.operationId, config.docs);
  });
  await app.register(swagger, {
    openapi: openApiFrame(version) as object,
    transformObject: (document) => {
      const { openapiObject } = document as { openapiObject: { paths?: Paths } };
      for (const operation of Object.values(openapiObject.paths ?? {}).flatMap((path) => Object.values(path))) {
        const docs = docsOf.get(operation.operationId ?? '');
        if (docs !== undefined) complete(operation, docs);
        const deprecation = deprecated.get(operation.operationId ?? '');
        if (deprecation !== undefined) documentDeprecation(operation, deprecation);
      }
      return openapiObject;
    },
  });
  app.addHook('onRoute', (route) => {
    if (route.url === PAGE_FILES) route.handler = sendPageFile;
  });
  await app.register(swaggerUi, PAGE);
};

/** A Fastify plugin; register it before the routes. */
export const openApi = fp(register, { name: 'openapi' });
