// `npm run openapi:check`: finds breaking changes between the released OpenAPI document and api-specs/user-service-api.yaml.
// Other files: npm run openapi:check -- <released> <proposed>

import { readFileSync } from 'node:fs';

import { parse } from 'yaml';

import { API_DOCUMENT, RELEASED_API_DOCUMENT } from './api-document.ts';
import type { ApiDocument } from './api-changes/document.ts';
import { findBreakingChanges } from './api-changes/find-breaking-changes.ts';

const read = (path: string): ApiDocument => parse(readFileSync(path, 'utf8')) as ApiDocument;

const [released = RELEASED_API_DOCUMENT, proposed = API_DOCUMENT] = process.argv.slice(2);
const changes = findBreakingChanges({ old: read(released), now: read(proposed) });

for (const change of changes) console.error(change);
console.log(
  changes.length === 0
    ? 'No breaking changes: clients of the released API can use this one.'
    : `${changes.length} breaking changes. Revert them, or serve the operation under a higher version of its path.`,
);
process.exitCode = changes.length === 0 ? 0 : 1;
