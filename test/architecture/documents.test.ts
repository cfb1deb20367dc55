// What the documents say exists, exists.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { commentsIn } from '../../scripts/docs/comments.ts';

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

const SOURCES = ['src', 'test', 'scripts', 'bench', 'e2e', 'examples', 'clients', 'compose'];
/** `users/email.ts`, not a pattern or a placeholder such as `*.ts` or `<role>.ts`. */
const MENTION = /(?<![\w/.*<>…-])[\w.][\w./-]{0,150}\.m?ts\b/g;

const sources = SOURCES.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
).filter((path) => path.endsWith('.ts') && !SKIPPED.test(path) && !path.includes('architecture/fixtures/'));

/** `folder` and every folder above it, up to the repository. */
const foldersFrom = (folder: string): string[] => (folder === '.' ? ['.'] : [folder, ...foldersFrom(dirname(folder))]);

/** Most files mention none, and parsing them all takes seconds. */
const mayMention = (text: string): boolean =>
  text.split('\n').some((line) => line.includes('.ts') && (line.includes('//') || line.includes('*')));

/** Files that the comments of `text` mention and that are nowhere: beside `path`, in a folder above it, or in src/. */
const deadMentions = (text: string, path: string): string[] => {
  const folders = [...foldersFrom(dirname(path)), 'src'];
  return (mayMention(text) ? commentsIn(text) : [])
    .flatMap((comment) => [...comment.matchAll(MENTION)].map(([mention]) => mention))
    .filter((mention) => !folders.some((folder) => existsSync(join(root, folder, mention))));
};

describe('comments', () => {
  it('mention only files that exist', () => {
    const dead = sources.flatMap((path) =>
      deadMentions(readFileSync(join(root, path), 'utf8'), path).map((mention) => `${path} mentions ${mention}`),
    );
    expect(sources.length).toBeGreaterThan(300);
    expect(dead).toEqual([]);
  });

  it('are found with a file that does not exist', () => {
    const text = `
      // see pool.ts, ports.ts, users/email.ts and http/old.ts, but not https://example.com/a.ts, *.ts or <role>.ts
      import { a } from './not-a-comment.ts';
      /** What \`users/gone.ts\` was. */
      const b = ['// nor-this.ts' /* ../src/nowhere.ts */];`;
    expect(deadMentions(text, 'src/postgres/users/user-store.ts')).toEqual([
      'ports.ts',
      'http/old.ts',
      'users/gone.ts',
      '../src/nowhere.ts',
    ]);
  });
});

describe('documents', () => {
  it.each(documents)('%s has no link that leads nowhere', (path) => {
    expect(brokenLinks(readFileSync(join(root, path), 'utf8'), dirname(join(root, path)))).toEqual([]);
  });

  it('finds a broken link', () => {
    expect(brokenLinks('see [the code](src/nowhere.ts) and [this](README.md#top)', root)).toEqual(['src/nowhere.ts']);
  });

  it('names only npm scripts that exist', () => {
    const named = documents.flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/`npm run (?:--silent )?([\w:-]+)(?: -w )?([\w/-]*)/g)].map(
        ([, name = '', workspace = '.']) => ({ name, workspace }),
      ),
    );
    const scriptsOf = (workspace: string) =>
      (JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')) as { scripts: object }).scripts;

    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ name, workspace }) => !(name in scriptsOf(workspace)))).toEqual([]);
  });

  it.each(['package-lock.json', '.github/pact-cli/package-lock.json'])(
    'lets %s carry no registry address',
    (lockfile) => {
      expect(readFileSync(join(root, lockfile), 'utf8')).not.toMatch(/"resolved": "\w+:/);
    },
  );

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
