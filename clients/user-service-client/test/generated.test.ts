import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { generate, readDocument } from '../generate.ts';

const folder = join(import.meta.dirname, '../src/generated');
const committed = Object.fromEntries(
  readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
);

describe('src/generated', () => {
  it('is up to date with the document; update it with: npm run generate -w clients/user-service-client', async () => {
    expect(committed).toEqual(await generate(readDocument()));
  });

  it.each([
    ['a field', 'api-types.ts', /\bamountMinor\b/g, 'amountCents'],
    ['a path', 'operations.ts', /\/api\/v1\/orders/g, '/api/v2/orders'],
    ['a header', 'operations.ts', /Idempotency-Key/g, 'Request-Key'],
  ])('changes when %s of the document changes', async (_name, file, from, to) => {
    const changed = new Map(Object.entries(await generate(readDocument().replaceAll(from, to))));

    expect(changed.get(file)).not.toBe(new Map(Object.entries(committed)).get(file));
  });
});
