// What every operation of the API must document, beyond what a general linter checks. Each rule is a function from the document to sentences.

export type Schema = {
  readonly $ref?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
};
type Content = Readonly<Record<string, { readonly schema?: Schema; readonly examples?: object }>>;
type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
  readonly example?: unknown;
  readonly schema?: Schema;
};
type Response = { readonly description?: string; readonly headers?: object; readonly content?: Content };
export type Operation = {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
};
export type ApiDocument = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: {
    readonly securitySchemes?: object;
    readonly schemas?: Readonly<Record<string, Schema>>;
  };
};
export type DocumentRule = (document: ApiDocument) => string[];

const operationsOf = ({ paths }: ApiDocument): { name: string; path: string; operation: Operation }[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      path,
      operation,
    })),
  );

const eachOperation =
  (find: (operation: Operation, path: string) => string[]): DocumentRule =>
  (document) =>
    operationsOf(document).flatMap(({ name, path, operation }) =>
      find(operation, path).map((fault) => `${name} ${fault}`),
    );

/** Every field below a schema, by its path; references are not followed. */
const fieldsOf = (schema: Schema | undefined, place: string): [string, Schema][] => {
  if (schema === undefined || schema.$ref !== undefined) return [];
  const fields = Object.entries(schema.properties ?? {});
  return [
    ...fields.flatMap(([name, field]): [string, Schema][] => [
      [`${place}.${name}`, field],
      ...fieldsOf(field, `${place}.${name}`),
    ]),
    ...fieldsOf(schema.items, `${place}[]`),
  ];
};

const allFields = (document: ApiDocument): [string, Schema][] => [
  ...Object.entries(document.components?.schemas ?? {}).flatMap(([name, schema]) => fieldsOf(schema, name)),
  ...operationsOf(document).flatMap(({ name, operation: { requestBody, responses } }) => [
    ...Object.values(requestBody?.content ?? {}).flatMap(({ schema }) => fieldsOf(schema, `${name} body`)),
    ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
      Object.values(content).flatMap(({ schema }) => fieldsOf(schema, `${name} ${status}`)),
    ),
  ]),
];

/** Objects and lists have the examples of their parts. */
const isLeaf = ({ $ref, properties, items }: Schema): boolean =>
  $ref === undefined && properties === undefined && items === undefined;

/** Operations, parameters, responses and fields have a description. */
export const everythingIsDescribed: DocumentRule = (document) => [
  ...eachOperation(({ summary, description, parameters = [], responses }) => [
    ...(summary && description ? [] : ['has no summary or no description']),
    ...parameters.filter((it) => !it.description).map(({ name }) => `does not describe ${name}`),
    ...Object.entries(responses)
      .filter(([, it]) => !it.description)
      .map(([status]) => `does not describe ${status}`),
  ])(document),
  ...allFields(document)
    .filter(([, field]) => field.$ref === undefined && !field.description)
    .map(([place]) => `${place} has no description`),
];

/** Parameters and fields have an example. */
export const everythingHasAnExample: DocumentRule = (document) => [
  ...eachOperation(({ parameters = [] }) =>
    parameters
      .filter(({ example, schema }) => example === undefined && schema?.examples === undefined)
      .map(({ name }) => `has no example of ${name}`),
  )(document),
  ...allFields(document)
    .filter(([, field]) => isLeaf(field) && field.examples === undefined && field.enum === undefined)
    .map(([place]) => `${place} has no example`),
];

/** Every operation declares its security, public ones as `security: []`, with security schemes that exist. */
export const securityIsDeclared: DocumentRule = (document) => {
  const known = new Set(Object.keys(document.components?.securitySchemes ?? {}));
  return eachOperation(({ security }) =>
    security === undefined
      ? ['does not declare its security']
      : security
          .flatMap((requirement) => Object.keys(requirement))
          .filter((scheme) => !known.has(scheme))
          .map((scheme) => `requires ${scheme}, which is not a security scheme`),
  )(document);
};

const expectedStatuses = ({ security, requestBody }: Operation, path: string): string[] => [
  ...['400', '414', '429', '431', '500'],
  ...(security === undefined || security.length === 0 ? [] : ['401']),
  ...(path.includes('{') ? ['404'] : []),
  ...(requestBody === undefined ? [] : ['408', '413', '415']),
];

/** Every operation documents the errors that any request may cause, and each error response is a problem document with examples (RFC 9457). */
export const errorsAreProblems: DocumentRule = eachOperation((operation, path) => [
  ...expectedStatuses(operation, path)
    .filter((status) => !(status in operation.responses))
    .map((status) => `does not document ${status}`),
  ...Object.entries(operation.responses)
    .filter(([status]) => Number(status) >= 400)
    .filter(([, { content }]) => {
      const problem = content?.['application/problem+json'];
      return problem?.schema?.$ref !== '#/components/schemas/Problem' || problem.examples === undefined;
    })
    .map(([status]) => `documents ${status} without a problem document that has examples`),
]);

const expectedHeaders = (status: string): string[] => [
  ...['RateLimit', 'RateLimit-Policy'],
  ...(status === '429' || status === '503' ? ['Retry-After'] : []),
  ...(status === '401' ? ['WWW-Authenticate'] : []),
];

/** Every response has the rate limit headers, and 429 and 503 say how long to wait. */
export const rateLimitsAreDocumented: DocumentRule = eachOperation(({ responses }) =>
  Object.entries(responses).flatMap(([status, { headers = {} }]) =>
    expectedHeaders(status)
      .filter((header) => !(header in headers))
      .map((header) => `does not document ${header} with ${status}`),
  ),
);
