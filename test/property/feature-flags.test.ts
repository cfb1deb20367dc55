// Whatever the file contains, flags keep the values of the last content that was valid.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { makeSecretFile } from '../../src/config/secret-file.ts';
import { CodedError } from '../../src/errors/coded-error.ts';
import { FLAG_KEYS } from '../../src/flags/definitions.ts';
import { makeFeatureFlags } from '../../src/flags/feature-flags.ts';
import { MAX_FLAG_FILE_BYTES, NO_FLAGS, parseFlagFile } from '../../src/flags/flag-file.ts';

const path = join(mkdtempSync(join(tmpdir(), 'flags-')), 'feature-flags.json');
const LIMIT = 'payment-decline-limit-minor';

const valid = fc
  .record({ 'accept-orders': fc.boolean(), [LIMIT]: fc.integer({ min: 0, max: 1_000_000_000 }) }, { requiredKeys: [] })
  .map((values) => JSON.stringify(values));
const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc
    .dictionary(fc.oneof(fc.constantFrom<string>(...FLAG_KEYS, '__proto__'), fc.string()), fc.jsonValue())
    .map((x) => JSON.stringify(x)),
);

const isValid = (text: string): boolean => {
  try {
    parseFlagFile(text);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(CodedError);
    return false;
  }
};

describe('the file of feature flags', () => {
  it('never has an effect unless all of it is valid', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(valid, anything), { maxLength: 6 }), async (contents) => {
        writeFileSync(path, NO_FLAGS);
        let ms = 0;
        const read = makeSecretFile(path, {
          ...{ parse: parseFlagFile, fallback: NO_FLAGS, startsWithFallback: true, maxBytes: MAX_FLAG_FILE_BYTES },
          now: () => ms,
        });
        const flags = await makeFeatureFlags({ read, onEvaluation: () => undefined });
        let last = new Map<string, unknown>();
        for (const text of contents) {
          writeFileSync(path, text);
          ms += 1000;
          if (isValid(text.replace(/\r?\n$/, ''))) last = new Map(Object.entries(JSON.parse(text) as object));
          const values = [await flags.isOn('accept-orders'), await flags.numberOf(LIMIT, -1)];
          expect(values).toEqual([last.get('accept-orders') ?? true, last.get(LIMIT) ?? -1]);
        }
      }),
    );
  });
});
