// Selection of the previous releases, in temporary repositories.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { findPreviousReleases } from '../../scripts/rollback/previous-releases.ts';
import { run } from '../support/native/cache.ts';

let folder: string;
let repository: string;
const commits = new Map<string, string>();

const git = async (directory: string, ...args: string[]): Promise<string> =>
  (await run('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], directory)).trim();

const commit = async (path: string): Promise<void> => {
  await mkdir(join(repository, path, '..'), { recursive: true });
  await writeFile(join(repository, path), path);
  await git(repository, 'add', '.');
  await git(repository, 'commit', '--quiet', '--message', path);
  commits.set(path, await git(repository, 'rev-parse', 'HEAD'));
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'user-service-history-'));
  repository = join(folder, 'repository');
  await mkdir(repository);
  await git(repository, 'init', '--quiet');
  for (const path of ['migrations/1', 'first', 'migrations/2', 'second', 'pacts/1', 'last']) await commit(path);
});
afterAll(() => rm(folder, { recursive: true }));

describe('the previous releases', () => {
  it('are the commits before the last change of each contract if there is no tag', async () => {
    expect(await findPreviousReleases(repository)).toEqual([
      { name: 'before the last change of the schema', commit: commits.get('first') },
      { name: 'before the last change of the events and API', commit: commits.get('second') },
    ]);
  });

  it('are the newest tag before this commit if there is one', async () => {
    const tagged = join(folder, 'tagged');
    await git(folder, 'clone', '--quiet', repository, tagged);
    for (const [tag, path] of Object.entries({ 'v1.0.0': 'first', 'v1.1.0': 'second', 'v1.2.0': 'last' }))
      await git(tagged, 'tag', tag, commits.get(path) ?? '');
    expect(await findPreviousReleases(tagged)).toEqual([{ name: 'v1.1.0', commit: commits.get('second') }]);
  });

  it('are the requested commit, or an error says that it does not exist', async () => {
    expect(await findPreviousReleases(repository, 'HEAD~1')).toEqual([
      { name: 'HEAD~1', commit: commits.get('pacts/1') },
    ]);
    await expect(findPreviousReleases(repository, 'v9')).rejects.toThrow('There is no commit v9 in this clone.');
  });

  it('cannot be found in a shallow clone, and the error says what to do', async () => {
    const shallow = join(folder, 'shallow');
    await git(folder, 'clone', '--quiet', '--depth=1', `file://${repository}`, shallow);
    await expect(findPreviousReleases(shallow)).rejects.toThrow('git fetch --unshallow');
  });
});
