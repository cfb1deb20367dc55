// `npm run openapi`: writes api-specs/user-service-api.yaml from the routes. `-- --release` also makes it the one that
// `npm run openapi:check` compares with: a step of a release, done when the version that it describes is out.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';

import { API_DOCUMENT, RELEASED_API_DOCUMENT, writeApiDocument } from './api-document.ts';

const { values } = parseArgs({ options: { release: { type: 'boolean' } } });
const text = await writeApiDocument();

for (const path of values.release === true ? [API_DOCUMENT, RELEASED_API_DOCUMENT] : [API_DOCUMENT]) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`wrote ${path}`);
}
