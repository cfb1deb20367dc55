// The blocks of docs/sops.md, in the order of the page, in a copy of the repository.

import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { readBlocks } from '../../scripts/blocks/read-blocks.ts';
import type { Shell } from '../../scripts/blocks/shell.ts';
import { openBlockShell } from './support/open-block-shell.ts';
import { makeRepository, type Repository } from './support/repository.ts';

const ROOT = join(import.meta.dirname, '../..');
const blocks = readBlocks(readFileSync(join(ROOT, 'docs/sops.md'), 'utf8'), []);

/** What a block prints when it has worked. */
const EXPECTED: Readonly<Record<string, RegExp>> = {
  init: /dev\.enc\.yaml has new random values, for 2 recipients/,
  check: /MAC and values are valid/,
  edit: /nothing was changed/,
  rotate: /new values: http_management_token, redis_password/,
  add: /can decrypt secrets\/dev\.enc\.yaml/,
  remove: /Removed\./,
  render: /stringData:[\s\S]*auth_signing_keys:/,
  programs: /auth_signing_keys:[\s\S]*auth_signing_keys:/,
};

let repository: Repository;
let shell: Shell;

beforeAll(() => {
  repository = makeRepository();
  cpSync(join(ROOT, 'helm'), join(repository.root, 'helm'), { recursive: true });
  shell = openBlockShell(
    {
      EDITOR: 'true',
      RECIPIENT: repository.makeKey().recipient,
      // where a person would have one: the key that `init` makes
      SOPS_AGE_KEY_FILE: join(repository.root, '.local/sops/age-key.txt'),
    },
    repository.root,
  );
});
afterAll(() => {
  shell.close();
  repository.remove();
});

it('each block is executed', () => {
  expect(blocks.map(({ name }) => name)).toEqual(Object.keys(EXPECTED));
});

it.each(blocks)('$name', async ({ name, script }) => {
  const expected = EXPECTED[name]; // eslint-disable-line security/detect-object-injection -- a test above compares them
  expect(await shell.run(script, { quiet: true })).toMatch(expected ?? /^$/);
});
