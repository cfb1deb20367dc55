import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

const read = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');

it('takes work by the same rules as user-service: the file is a copy, which test/unit/lifecycle tests', () => {
  expect(read('src/while-able.ts')).toBe(read('../../src/lifecycle/while-able.ts'));
});
