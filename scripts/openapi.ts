// `npm run openapi`: writes api-specs/user-service-api.yaml from the routes. `-- --release` also writes the released document that
// `npm run openapi:check` compares with; run it when that version has been released.

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
