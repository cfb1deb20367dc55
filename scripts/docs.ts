// `npm run docs` writes what is made from other files. `--check` writes nothing and exits 1 when something is stale; a path checks that file as if it
// were the one of that name.

import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';

import { chartSchema } from './docs/chart-settings.ts';
import { configurationPage } from './docs/configuration.ts';
import { environmentsPage } from './docs/environments.ts';

const root = join(import.meta.dirname, '..');

/** Each from what it is now, because of some only a part is written. */
const DOCUMENTS: Readonly<Record<string, (current: string) => string>> = {
  'docs/configuration.md': configurationPage,
  'docs/environments.md': environmentsPage,
  'helm/user-service/values.schema.json': chartSchema,
};

const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true });
const [only] = positionals;

for (const [file, write] of Object.entries(DOCUMENTS)) {
  if (only !== undefined && basename(only) !== basename(file)) continue;
  const path = only ?? join(root, file);
  const current = readFileSync(path, 'utf8');
  const text = write(current);
  if (text === current) continue;
  if (values.check === true) {
    console.error(`${path} is stale: npm run docs`);
    process.exitCode = 1;
  } else writeFileSync(path, text);
}
