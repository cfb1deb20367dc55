// `npm run generate`: generates src/generated/ from api-specs/user-service-api.yaml: the types with openapi-typescript, and a table of what a
// call needs at run time (method, path, headers).

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { parse } from 'yaml';

const DOCUMENT = join(import.meta.dirname, '../../api-specs/user-service-api.yaml');
const FOLDER = join(import.meta.dirname, 'src/generated');
const HEAD = '// Written by `npm run generate` from api-specs/user-service-api.yaml: not to be edited.\n\n';

type Operation = {
  operationId: string;
  parameters?: { name: string; in: string }[];
  requestBody?: object;
  responses: Record<string, { content?: object }>;
  security: object[];
};

const toCamelCase = (header: string): string =>
  header.toLowerCase().replaceAll(/-(\w)/g, (_match, letter: string) => letter.toUpperCase());

const toRow = (path: string, method: string, operation: Operation) => {
  const { parameters = [], requestBody, responses, security } = operation;
  const successful = Object.entries(responses).filter(([status]) => Number(status) < 400);
  const names = (place: string) => parameters.filter((it) => it.in === place).map(({ name }) => name);
  return {
    method: method.toUpperCase(),
    path,
    query: names('query'),
    takesParameters: names('path').length + names('query').length > 0,
    takesBody: requestBody !== undefined,
    headers: Object.fromEntries(names('header').map((name) => [toCamelCase(name), name])),
    needsToken: security.length > 0,
    withBody: successful.filter(([, { content }]) => content !== undefined).map(([status]) => Number(status)),
    withoutBody: successful.filter(([, { content }]) => content === undefined).map(([status]) => Number(status)),
  };
};

const tableOf = (text: string): string => {
  const { paths } = parse(text) as { paths: Record<string, Record<string, Operation>> };
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [operation.operationId, toRow(path, method, operation)]),
  );
  return `${HEAD}export const OPERATIONS = ${JSON.stringify(Object.fromEntries(rows), null, 2)} as const;\n`;
};

export const readDocument = (): string => readFileSync(DOCUMENT, 'utf8');

/** Name and content of each generated file. */
export const generate = async (document: string): Promise<Record<string, string>> => ({
  'api-types.ts': HEAD + astToString(await openapiTS(document)),
  'operations.ts': tableOf(document),
});

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, content] of Object.entries(await generate(readDocument())))
    writeFileSync(join(FOLDER, name), content);
}
