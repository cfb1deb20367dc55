// Checks out the previous releases and installs the packages of their own lockfiles. Both are cached between runs, because a commit is immutable.

import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import type { TestProject } from 'vitest/node';

import { findPreviousReleases, type Previous } from '../../scripts/rollback/previous-releases.ts';
import { cached, run } from '../support/native/cache.ts';

const ROOT = join(import.meta.dirname, '../..');
const PACKAGE_FILES = ['package.json', 'package-lock.json', '.npmrc'];

export type Release = Previous & {
  readonly directory: string;
  /** Names of its migrations in order. */
  readonly migrations: readonly string[];
  /** Whether it includes relay and worker. */
  readonly hasEvents: boolean;
  readonly hasOrders: boolean;
  readonly pacts: readonly string[];
};

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface can be added to
  interface ProvidedContext {
    previous: readonly Release[];
  }
}

const extract = (commit: string) => async (folder: string) => {
  const archives = await mkdtemp(join(tmpdir(), 'user-service-release-'));
  const archive = join(archives, 'release.tar');
  await run('git', ['archive', '--format=tar', `--output=${archive}`, commit], ROOT);
  await run('tar', ['-xf', archive, '-C', folder]);
  await rm(archives, { recursive: true });
};

const install = (directory: string) => async (folder: string) => {
  for (const file of PACKAGE_FILES) await cp(join(directory, file), join(folder, file));
  await run('npm', ['ci', '--workspaces=false', '--omit=dev', '--ignore-scripts'], folder);
};

/** Uses this release's node_modules if the lockfiles are equal. */
const linkPackages = async (directory: string): Promise<void> => {
  const [theirs = '', ours = ''] = await Promise.all(
    [directory, ROOT].map((root) => readFile(join(root, 'package-lock.json'), 'utf8')),
  );
  const digest = createHash('sha256').update(theirs).digest('hex').slice(0, 16);
  const folder = theirs === ours ? ROOT : await cached(`packages-${digest}`, install(directory));
  const link = join(directory, 'node_modules');
  await rm(link, { force: true });
  await symlink(join(folder, 'node_modules'), link, 'junction');
};

const filesOf = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

const checkOut = async (previous: Previous): Promise<Release> => {
  const directory = await cached(`release-${previous.commit.slice(0, 12)}`, extract(previous.commit));
  await linkPackages(directory);
  const [migrations, programs, routes, pacts] = await Promise.all(
    ['migrations', 'src/bin', 'src/http/routes', 'pacts'].map((folder) => filesOf(join(directory, folder))),
  );
  return {
    ...previous,
    directory,
    migrations: (migrations ?? []).map((file) => file.replace(/\.sql$/, '')).toSorted((a, b) => (a < b ? -1 : 1)),
    hasEvents: programs?.includes('relay.ts') === true && programs.includes('worker.ts'),
    hasOrders: routes?.includes('place-order.ts') === true,
    pacts: (pacts ?? [])
      .filter((file) => file.endsWith('-user-service.json'))
      .map((file) => join(directory, 'pacts', file)),
  };
};

export const setup = async (project: TestProject): Promise<void> => {
  const releases: Release[] = [];
  for (const previous of await findPreviousReleases(ROOT, env.PREVIOUS)) releases.push(await checkOut(previous));
  for (const { name, commit, migrations } of releases)
    process.stdout.write(`previous release: ${name}, ${commit.slice(0, 9)}, schema ${migrations.at(-1) ?? 'none'}\n`);
  project.provide('previous', releases);
};
