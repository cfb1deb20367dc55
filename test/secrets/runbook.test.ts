// The blocks of runbooks/age-key.md, in a copy of the repository: a leaked key is taken out by a colleague, a lost one is replaced.

import { afterAll, beforeAll, expect, it } from 'vitest';

import type { Shell } from '../../scripts/blocks/shell.ts';
import { loadRunbook } from '../../scripts/runbooks/runbooks.ts';
import { openBlockShell } from './support/open-block-shell.ts';
import { makeRepository, type Key, type Repository } from './support/repository.ts';

const DEV = 'secrets/dev.enc.yaml';
const { blocks } = loadRunbook('age-key');

let repository: Repository;
let keys: Key[];

beforeAll(() => {
  repository = makeRepository();
  keys = [repository.makeKey(), repository.makeKey(), repository.makeKey(), repository.makeKey()];
  const [own = keys[0], ...others] = keys.slice(0, 3);
  const recipients = others.flatMap(({ recipient }) => ['--recipient', recipient]);
  const made = repository.secrets(['init', 'dev', ...recipients], { SOPS_AGE_KEY_FILE: own?.file ?? '' });
  expect(made.status, made.output).toBe(0);
});
afterAll(() => {
  repository.remove();
});

const scriptOf = (name: string): string => {
  const block = blocks.find((one) => one.name === name);
  if (block === undefined) throw new Error(`There is no block ${name}.`);
  return block.script;
};

const inShell = async <T>(by: Key, recipient: string, use: (shell: Shell) => Promise<T>): Promise<T> => {
  const shell = openBlockShell(
    { SOPS_AGE_KEY_FILE: by.file, SOPS_ENVIRONMENT: 'dev', RECIPIENT: recipient },
    repository.root,
  );
  try {
    return await use(shell);
  } finally {
    shell.close();
  }
};

const canDecrypt = (key: Key): boolean => repository.sops(['decrypt', DEV], key).status === 0;

it('a leaked key is taken out, and new values replace what it knew', async () => {
  const [own, leaked] = keys as [Key, Key];
  const known = repository.sops(['decrypt', DEV], leaked).output;
  await inShell(own, leaked.recipient, async ({ run }) => {
    expect(await run(scriptOf('who-can-decrypt'), { quiet: true })).toContain(leaked.recipient);
    await expect(run(scriptOf('take-out'), { quiet: true, input: 'n\n' })).rejects.toThrow('exit code 1');
    expect(canDecrypt(leaked)).toBe(true);
    await run(scriptOf('take-out'), { quiet: true, input: 'y\n' });
    await run(scriptOf('new-passwords'), { quiet: true, input: 'y\n' });
    expect(await run(scriptOf('check'), { quiet: true })).toContain('MAC and values are valid');
    expect(await run(scriptOf('who-can-decrypt'), { quiet: true })).not.toContain(leaked.recipient);
  });
  expect(canDecrypt(leaked)).toBe(false);
  const before = new Set(known.split('\n').filter((line) => /^ {8}\w+: /.test(line)));
  const after = repository.sops(['decrypt', DEV], own).output.split('\n');
  expect(before.size).toBe(6);
  expect(after.filter((line) => before.has(line))).toEqual(["        auth_clients: '{}'"]);
});

it('a lost key is replaced', async () => {
  const [own, , lost, replacement] = keys as [Key, Key, Key, Key];
  const of = await inShell(replacement, '', ({ run }) => run(scriptOf('recipient-of-key'), { quiet: true }));
  expect(of.trim()).toBe(replacement.recipient);
  await inShell(own, replacement.recipient, ({ run }) => run(scriptOf('let-in'), { quiet: true }));
  await inShell(own, lost.recipient, ({ run }) => run(scriptOf('take-out'), { quiet: true, input: 'y\n' }));
  expect([canDecrypt(replacement), canDecrypt(lost), canDecrypt(own)]).toEqual([true, false, true]);
});
