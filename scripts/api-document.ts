// The OpenAPI document as a file, generated from the routes, with the version in package.json.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { stringify } from 'yaml';

import type { Deprecations } from '../src/http/openapi/deprecations.ts';
import { makeFakeServer } from '../test/support/http/fake-deps.ts';

const root = join(import.meta.dirname, '..');

export const API_DOCUMENT = join(root, 'api-specs/user-service-api.yaml');
export const RELEASED_API_DOCUMENT = join(root, 'api-specs/released/user-service-api.yaml');

const HEAD = '# Written by `npm run openapi` from the routes in src/http; a test fails when the two differ.\n';

/** The text of the file, from a server with fake use cases. `deprecations` replaces the table in src/http. */
export const writeApiDocument = async (deprecations?: Deprecations): Promise<string> => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const app = await makeFakeServer({ options: { version }, ...(deprecations && { deprecations }) });
  const document: unknown = JSON.parse(JSON.stringify(app.swagger()));
  await app.close();
  return `${HEAD}${stringify(document, { aliasDuplicateObjects: false, lineWidth: 140 })}`;
};
