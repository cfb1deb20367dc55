// The pages about delivery: every shell block is executed by `npm run test:delivery`, every fault of the other page is produced by it.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { readBlocks } from '../../scripts/blocks/read-blocks.ts';
import { CHECKS, TARGETS } from '../../scripts/delivery-checks.ts';
import { isShown } from '../../scripts/delivery-hangs.ts';
import { openShell, type Shell } from '../../scripts/blocks/shell.ts';
import { HANGS } from '../cluster/delivery-hangs.ts';

const pageOf = (name: string): string => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');
const block = (options: string, script = 'true'): string => `\`\`\`sh ${options}\n${script}\n\`\`\`\n`;

describe('docs/delivery.md', () => {
  const blocks = readBlocks(pageOf('delivery.md'), TARGETS);

  it('can be read from top to bottom for kind and for other clusters', () => {
    const namesOn = (target: string) => blocks.filter(({ on = target }) => on === target).map(({ name }) => name);
    expect(namesOn('kind').slice(0, 3)).toEqual(['choose', 'create', 'namespace']);
    expect(namesOn('cluster').slice(0, 2)).toEqual(['choose', 'namespace']);
    expect(namesOn('cluster').at(-1)).toBe('remove');
  });
});

describe('docs/delivery.md and docs/vault-kubernetes.md', () => {
  it('have a block for every check', () => {
    const blocks = ['delivery.md', 'vault-kubernetes.md'].flatMap((page) => readBlocks(pageOf(page), TARGETS));
    const names = new Set(blocks.map(({ name }) => name));
    expect([...CHECKS.keys()].filter((name) => !names.has(name))).toEqual([]);
  });
});

describe('the blocks of a page', () => {
  it('have a name, a script and the line of their fence', () => {
    expect(readBlocks(`# Page\n\n${block('run=install on=kind', 'helm install')}`, TARGETS)).toEqual([
      { name: 'install', on: 'kind', asks: false, line: 3, script: 'helm install\n' },
    ]);
  });

  it.each([
    ['that has no name', block(''), 'Line 1: a shell block without run=NAME is never executed.'],
    ['for an unknown target', block('run=a on=moon'), 'Line 1: on=moon is unknown.'],
    ['whose name is used', block('run=a') + block('run=a'), 'Line 4: run=a is used twice.'],
  ])('are refused with one %s', (_what, page, message) => {
    expect(() => readBlocks(page, TARGETS)).toThrow(message);
  });
});

describe('the shell', () => {
  let shell: Shell;
  beforeEach(() => {
    shell = openShell({ NAMESPACE: 'users' });
  });
  afterEach(() => {
    shell.close();
  });
  const quiet = { quiet: true };

  it('keeps exported variables from block to block', async () => {
    await shell.run('export IMAGE=one NAMESPACE=${NAMESPACE:-other}', quiet);
    expect(await shell.run('echo "$IMAGE $NAMESPACE"', quiet)).toBe('one users\n');
  });

  it.each([
    ['a command', 'false; true'],
    ['a command of a pipe', 'false | true'],
    ['an unset variable', 'echo "$UNSET"; true'],
  ])('ends a block at %s that fails', async (_what, script) => {
    await expect(shell.run(script, quiet)).rejects.toThrow(/^exit code \d+/);
  });
});

describe('docs/when-it-hangs.md', () => {
  const page = pageOf('when-it-hangs.md');
  const sections = page.split(/^## /m).slice(1);
  const sectionOf = (name: string): string => sections.find((section) => section.startsWith(`${name}\n`)) ?? '';

  it.each(HANGS.map((hang): [string, typeof hang] => [hang.name, hang]))(
    '%s: says what is shown',
    (name, { symptoms }) => {
      const section = sectionOf(name);
      for (const { command, shows } of symptoms) {
        expect(section).toContain(command);
        expect(isShown(shows, section), `${shows} in:\n${section}`).toBe(true);
      }
      expect(section).toMatch(/\*\*Meaning\*\*: .+/);
      expect(section).toMatch(/\*\*Do\*\*: .+/);
    },
  );

  it('has no fault that is not produced', () => {
    expect(sections.map((section) => section.split('\n')[0])).toEqual(HANGS.map(({ name }) => name));
  });
});

describe('a text', () => {
  it.each([
    ['users-api-… 0/1 Pending', 'users-api-7d-x   0/1     Pending   0', true],
    ['users-api-… 0/1 Pending', 'users-api-7d-x   1/1     Running   0', false],
    ['users-api-… 0/1 Pending', 'users-api-7d-x\n0/1     Pending   0', false],
    ['one … three', 'three two one', false],
  ])('"%s" is shown by "%s": %s', (text, output, shown) => {
    expect(isShown(text, output)).toBe(shown);
  });
});
