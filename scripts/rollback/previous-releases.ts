// Finds the releases that a rollback may lead to: the newest tag or, without tags, the commits before the last change of each published contract: the
// schema on the one hand, events, API and pacts on the other.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export type Previous = { readonly name: string; readonly commit: string };

/** The message says what is missing and how to get it. */
export class HistoryMissing extends Error {}

const CONTRACTS = { schema: ['migrations'], 'events and API': ['api-specs', 'pacts'] };

type Git = (...args: string[]) => Promise<string>;

const makeGit =
  (directory: string): Git =>
  async (...args) =>
    (await promisify(execFile)('git', args, { cwd: directory })).stdout.trim();

const quietly = (work: Promise<string>): Promise<string> => work.catch(() => '');

const commitOf = async (git: Git, ref: string): Promise<string> => {
  const commit = await quietly(git('rev-parse', '--verify', '--quiet', `${ref}^{commit}`));
  if (commit === '')
    throw new HistoryMissing(`There is no commit ${ref} in this clone. Fetch it or choose another one.`);
  return commit;
};

const beforeContracts = async (git: Git): Promise<Previous[]> => {
  const found = new Map<string, string>();
  for (const [contract, paths] of Object.entries(CONTRACTS)) {
    const changed = await git('log', '-1', '--format=%H', '--', ...paths);
    if (changed !== '') found.set(await commitOf(git, `${changed}^`), `before the last change of the ${contract}`);
  }
  if (found.size === 0) throw new HistoryMissing('This clone has no commit before the last change of a contract.');
  return [...found].map(([commit, name]) => ({ name, commit }));
};

/**
 * @param directory of the repository
 * @param ref a tag, branch or commit to use instead
 * @throws HistoryMissing
 */
export const findPreviousReleases = async (directory: string, ref?: string): Promise<Previous[]> => {
  const git = makeGit(directory);
  if (ref !== undefined) return [{ name: ref, commit: await commitOf(git, ref) }];
  if ((await quietly(git('rev-parse', '--is-shallow-repository'))) !== 'false') {
    throw new HistoryMissing('This is a shallow clone without earlier releases: run `git fetch --unshallow --tags`.');
  }
  const tag = await quietly(git('describe', '--tags', '--abbrev=0', '--match=v*', 'HEAD^'));
  return tag === '' ? beforeContracts(git) : [{ name: tag, commit: await commitOf(git, tag) }];
};
