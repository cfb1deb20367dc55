// The OpenAPI document, made from the routes themselves when somebody asks for it, and the page that shows it.

import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';

import type { Api } from '../api.ts';
import type { Deprecations } from './deprecations.ts';
import type { RouteDocs } from './route-docs.ts';
import { toResponses } from './responses.ts';
import { frame, toParameters } from './frame.ts';
import { documentDeprecation } from './deprecation.ts';

type Operation = {
  operationId?: string;
  parameters?: object[];
  responses?: Record<string, { headers?: object }>;
  deprecated?: boolean;
};
type Paths = Record<string, Record<string, Operation>>;

/** The docs page loads its own files and calls this API; swagger-ui sets styles on its elements. */
const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const complete = (operation: Operation, documented: RouteDocs): void => {
  // a route without a schema for its answer gets an empty 200 from the plugin
  const fromSchemas = documented.answers === undefined ? operation.responses : {};
  operation.responses = toResponses(documented, fromSchemas ?? {});
  operation.parameters = [...(operation.parameters ?? []), ...toParameters(documented)];
};

type Options = { readonly version: string; readonly deprecations: Deprecations };

/** Must be added before the routes. */
export const addApiDocument = async (app: Api, { version, deprecations }: Options): Promise<void> => {
  const deprecated = new Map(Object.entries(deprecations));
  const documentedBy = new Map<string, RouteDocs>();
  app.addHook('onRoute', ({ schema, config }) => {
    if (schema?.operationId !== undefined && config?.documented)
      documentedBy.set(schema.operationId, config.documented);
  });
  await app.register(swagger, {
    openapi: frame(version) as object,
    transformObject: (document) => {
      const { openapiObject } = document as { openapiObject: { paths?: Paths } };
      for (const operation of Object.values(openapiObject.paths ?? {}).flatMap((path) => Object.values(path))) {
        const documented = documentedBy.get(operation.operationId ?? '');
        if (documented !== undefined) complete(operation, documented);
        const deprecation = deprecated.get(operation.operationId ?? '');
        if (deprecation !== undefined) documentDeprecation(operation, deprecation);
      }
      return openapiObject;
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_POLICY,
    uiConfig: { url: '/openapi.json', persistAuthorization: true, tryItOutEnabled: true, validatorUrl: null },
  });
};
