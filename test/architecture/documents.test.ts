// What the documents say exists, exists.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const SKIPPED = /(?:^|\/)(?:node_modules|dist|coverage|\.git|\.local|\.cache)(?:\/|$)/;
const LINK = /\]\(([^)#\s]{1,200})/g;
const ELSEWHERE = /^(?:https?|mailto):/;

const documents = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.md') && !SKIPPED.test(path),
);

/** Relative links in `text` that lead nowhere from `folder`. */
const brokenLinks = (text: string, folder: string): string[] =>
  [...text.matchAll(LINK)]
    .map(([, path]) => path ?? '')
    .filter((path) => !ELSEWHERE.test(path) && !existsSync(join(folder, path)));

describe('documents', () => {
  it.each(documents)('%s has no link that leads nowhere', (path) => {
    expect(brokenLinks(readFileSync(join(root, path), 'utf8'), dirname(join(root, path)))).toEqual([]);
  });

  it('finds a planted broken link', () => {
    expect(brokenLinks('see [the code](src/nowhere.ts) and [this](README.md#top)', root)).toEqual(['src/nowhere.ts']);
  });

  it('names only npm scripts that exist', () => {
    const named = documents.flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/`npm run ([\w:-]+)(?: -w )?([\w/-]*)/g)].map(
        ([, name = '', workspace = '.']) => ({ name, workspace }),
      ),
    );
    const scriptsOf = (workspace: string) =>
      (JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as { scripts: object }).scripts;

    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ name, workspace }) => !(name in scriptsOf(workspace)))).toEqual([]);
  });

  it('lets a lockfile carry no registry address', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "\w+:/);
  });

  it('names every dependency, with its exact version, in docs/dependencies.md', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
      'dependencies' | 'devDependencies',
      Record<string, string>
    >;
    const page = readFileSync(join(root, 'docs/dependencies.md'), 'utf8');
    const all = Object.entries({ ...dependencies, ...devDependencies });
    expect(
      all
        .filter(([name, version]) => !page.replaceAll(/ +/g, ' ').includes(`| \`${name}\` ${version} |`))
        .map(([name]) => name),
    ).toEqual([]);
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(?:$|-)/.test(version))).toEqual([]);
    expect(Object.keys(dependencies).length).toBeLessThanOrEqual(20);
  });
});
