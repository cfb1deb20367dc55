// The practice index holds: what it names exists, its tests run, and copying a practice takes no more files than it says.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';

import { importsIn } from '../../scripts/docs/imports.ts';
import { isShown, type Practice } from '../../scripts/docs/practice.ts';
import { findManifestFaults, findMissingOriginals } from '../../scripts/docs/practice-faults.ts';
import { listedIn } from '../../scripts/docs/practices-page.ts';
import { PRACTICES } from '../../scripts/docs/practices.ts';
import { repository } from '../../scripts/docs/repository.ts';
import { hasRunningTest } from '../../scripts/docs/running-test.ts';

const ORIGINALS = 19;

const root = join(import.meta.dirname, '../..');
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = textOf('docs/practices.md');
const scripts = Object.keys((JSON.parse(textOf('package.json')) as { scripts: object }).scripts);
const published = (id: string) => listedIn(page, PRACTICES.find((practice) => practice.id === id)?.title ?? '');

/** Files of this repository that a document links to. */
const linksOf = (path: string): string[] =>
  [...textOf(path).matchAll(/\]\(([^)#\s]+)\)/g)]
    .map(([, link = '']) => posix.join(posix.dirname(path), link))
    .filter((link) => repository.read(link) !== undefined);

describe('the practice index', () => {
  it('names files that exist, tests that run and commands that there are, and no closure has grown', () => {
    expect(findManifestFaults(PRACTICES, { ...repository, scripts, published })).toEqual([]);
  });

  it('begins with every original practice, in order', () => {
    expect(findMissingOriginals(PRACTICES, ORIGINALS)).toEqual([]);
  });

  it('is at most two links from the front page, and so is each start and test', () => {
    const first = linksOf('README.md');
    const reached = new Set([...first, ...first.filter((path) => path.endsWith('.md')).flatMap(linksOf)]);
    const expected = PRACTICES.filter(isShown).flatMap(({ start, test }) => [start, test ?? start]);

    expect(first).toContain('docs/practices.md');
    expect(expected.filter((path) => !reached.has(path))).toEqual([]);
  });

  it('has a section for each practice, and links that lead to it', () => {
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    const anchors = headings.map((title = '') =>
      title
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
    const linked = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);

    expect(headings).toEqual(PRACTICES.map(({ title }) => title));
    expect(linked).toEqual(anchors);
    expect(new Set(anchors).size).toBe(anchors.length);
  });
});

describe('the front page', () => {
  const readme = textOf('README.md');

  it('is short, and so is each of its lines', () => {
    const lines = readme.split('\n');
    expect(lines.length).toBeLessThanOrEqual(151);
    expect(lines.filter((line) => line.length > 180)).toEqual([]);
  });

  it('begins with the two commands', () => {
    const [, block] = /```sh\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(block).toBe('npm ci && npm start\nnpm ci && npm test\n');
  });
});

const RUNNING = "describe('a', () => { it('b', () => {}); });";
const FILES = new Map<string, string>(
  Object.entries({
    'src/cache.ts':
      "import { key } from './key.ts';\nimport type { Reader } from './reader.ts';\nimport { z } from 'zod';",
    'src/key.ts': "export * from './text.ts';",
    'src/reader.ts': '',
    'src/text.ts': "const load = () => import('./late.ts');",
    'src/late.ts': "type A = import('./cache.ts').A;",
    'test/cache.test.ts': RUNNING,
    'test/skipped.test.ts': "describe.skip('a', () => { it('b', () => {}); });",
    'docs/cache.md': '# Cache',
  }),
);

const cache = {
  id: 'cache',
  title: 'Cache',
  problem: 'It is fast.',
  status: 'done',
  start: 'src/cache.ts',
  copy: ['src/cache.ts'],
  maxFiles: 5,
  test: 'test/cache.test.ts',
  page: 'docs/cache.md',
} as const;

const faultsOf = (
  change: Partial<Record<keyof Practice | 'test' | 'copy', unknown>>,
  listed: string[] = [],
): string[] =>
  findManifestFaults([{ ...cache, ...change } as Practice], {
    read: (path) => FILES.get(path),
    list: (pattern) => [...FILES.keys()].filter((path) => path.startsWith(pattern.slice(0, pattern.indexOf('*')))),
    scripts: ['test', 'docs'],
    published: () => listed,
  });

describe('a violating entry', () => {
  it('is not this one', () => {
    expect(faultsOf({})).toEqual([]);
    expect(faultsOf({ copy: ['src/*.ts'], command: 'npm run docs' } as object)).toEqual([]);
  });

  it.each(['start', 'test', 'page'])('names a %s that does not exist', (field) => {
    expect(faultsOf({ [field]: 'src/nowhere.ts' })).toEqual(['cache names src/nowhere.ts, which is not a file']);
  });

  it('names a folder, or a pattern that fits nothing', () => {
    expect(faultsOf({ start: 'src' } as object)).toEqual(['cache names src, which is not a file']);
    expect(faultsOf({ also: ['lib/*.sql'] } as object)).toEqual(['cache names lib/*.sql, which is not a file']);
  });

  it('has a test that is always skipped', () => {
    expect(faultsOf({ test: 'test/skipped.test.ts' })).toEqual([
      'cache is proven by test/skipped.test.ts, in which no test runs',
    ]);
  });

  it('has a command that does not exist', () => {
    expect(faultsOf({ command: 'npm run prove' } as object)).toEqual([
      'cache has the command `npm run prove`, which is no npm script',
    ]);
  });

  it('takes more files than it may: the import chain to each new one is named', () => {
    const listed = ['src/cache.ts', 'src/key.ts', 'src/reader.ts', 'src/late.ts'];
    expect(faultsOf({ maxFiles: 4 } as object, listed)).toEqual([
      'cache takes 5 files, at most 4: src/cache.ts → src/key.ts → src/text.ts',
    ]);
  });

  it('takes more files than it may, and the page lists them already: the furthest are named', () => {
    expect(faultsOf({ maxFiles: 3 } as object)).toEqual([
      'cache takes 5 files, at most 3: src/cache.ts → src/key.ts → src/text.ts',
      'cache takes 5 files, at most 3: src/cache.ts → src/key.ts → src/text.ts → src/late.ts',
    ]);
  });

  it('has the name of another one', () => {
    const readers = { read: (path: string) => FILES.get(path), list: () => [], scripts: [], published: () => [] };
    expect(findManifestFaults([cache, cache], readers)).toEqual(['cache has the id or the title of another practice']);
  });

  it('leaves an original practice out', () => {
    const numbered = [1, 3, 2].map((original) => ({ ...cache, original }));
    expect(findMissingOriginals(numbered, 3)).toEqual([
      'original practice 2 is not entry 2 of the index',
      'original practice 3 is not entry 3 of the index',
    ]);
  });
});

describe('a test file', () => {
  it.each([
    [RUNNING],
    ["it.each([1])('a %i', () => {});"],
    ["describe.each([1])('a', () => { it.skip('b'); test('c', () => {}); });"],
    ["describe.runIf(hasEngine)('a', () => { it('b', () => {}); });"],
    ["describe.skipIf(noJava)('a', () => { it.each`x\n${1}`('b', () => {}); });"],
  ])('has a test that runs: %s', (text) => {
    expect(hasRunningTest(text)).toBe(true);
  });

  it.each([
    [''],
    ["// it('a', () => {});"],
    ["it.skip('a', () => {}); it.todo('b');"],
    ["it.skipIf(true)('a', () => {});"],
    ["describe.runIf(false)('a', () => { it('b', () => {}); });"],
    ["describe.skip.each([1])('a', () => { it('b', () => {}); });"],
    ["describe.skip('a', () => { describe('b', () => { it.each([1])('c', () => {}); }); });"],
  ])('has none: %s', (text) => {
    expect(hasRunningTest(text)).toBe(false);
  });
});

describe('the imports of a file', () => {
  it('are static and dynamic ones, types, and what is exported again', () => {
    const text = `
      import './side-effect.ts';
      import type { A } from './a.ts';
      import { type B } from './b.ts';
      export { c } from './c.ts';
      export type { D } from './d.ts';
      const e = await import('./e.ts');
      type F = import('./f.ts').F;
      const not = "import './not.ts'"; // import './nor.ts'`;
    expect(importsIn(text)).toEqual([
      { from: './side-effect.ts', typeOnly: false },
      { from: './a.ts', typeOnly: true },
      { from: './b.ts', typeOnly: false },
      { from: './c.ts', typeOnly: false },
      { from: './d.ts', typeOnly: true },
      { from: './e.ts', typeOnly: false },
      { from: './f.ts', typeOnly: true },
    ]);
  });
});

describe('npm run practices', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'scripts/practices.ts'), ...args], { encoding: 'utf8' });

  it('prints a row for each practice, and how many there are of each status', () => {
    const lines = run().stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(PRACTICES.length + 3);
    expect(lines.at(-1)).toMatch(/^\d+ done, \d+ partly, \d+ open$/);
    expect(lines.find((line) => line.includes('Graceful shutdown'))).toMatch(/ done +\d+\/4 +src\/lifecycle\//);
  });

  it('explains itself, and ends with 64 when it is used wrongly', () => {
    expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage') as string });
    expect(run('--unknown')).toMatchObject({ status: 64, stderr: expect.stringContaining('--unknown') as string });
    expect(run('more').status).toBe(64);
  });
});
