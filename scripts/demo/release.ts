// Installs a release of Helm so that it can be repeated: what did not change is not touched, what an interrupted run left is repaired first.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, helm } from '../kubernetes/run.ts';

const ROOT = join(import.meta.dirname, '../..');

export type Release = {
  readonly name: string;
  readonly namespace: string;
  /** Folder of the chart, from the root of the repository. */
  readonly chart: string;
  /** Further arguments: --values, --set-string. */
  readonly args: readonly string[];
};

type State = { readonly status: string; readonly description: string };

const stateOf = async ({ name, namespace }: Release): Promise<State | undefined> => {
  try {
    const text = await helm(['status', name, '--namespace', namespace, '--output', 'json']);
    return (JSON.parse(text) as { info: State }).info;
  } catch (error) {
    if (error instanceof CommandError && error.stderr.includes('not found')) return undefined;
    throw error;
  }
};

/** Recorded as the description of the revision: a release that was changed by other commands has another one. */
const describeContent = async ({ chart, args }: Release, images: readonly string[]): Promise<string> => {
  const hash = createHash('sha256').update(JSON.stringify([args, images]));
  const files = await readdir(join(ROOT, chart), { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  for (const path of paths.toSorted((a, b) => a.localeCompare(b)))
    hash.update(path.slice(ROOT.length)).update(await readFile(path));
  return `demo ${hash.digest('hex').slice(0, 12)}`;
};

const lastDeployedRevision = async ({ name, namespace }: Release): Promise<number | undefined> => {
  const text = await helm(['history', name, '--namespace', namespace, '--output', 'json']);
  const revisions = JSON.parse(text) as { revision: number; status: string }[];
  return revisions.findLast(({ status }) => status === 'deployed' || status === 'superseded')?.revision;
};

/** An operation that was killed leaves the release locked: it goes back to the last revision that worked, or away if there is none. */
const unlock = async (release: Release, signal?: AbortSignal): Promise<void> => {
  const where = ['--namespace', release.namespace];
  const revision = await lastDeployedRevision(release);
  if (revision === undefined) await helm(['uninstall', release.name, ...where, '--no-hooks'], { signal });
  else await helm(['rollback', release.name, String(revision), ...where, '--no-hooks'], { signal });
};

type Outcome = 'installed' | 'unchanged' | 'upgraded' | 'repaired';

/**
 * `helm upgrade --install --wait`, unless the deployed revision has the same chart, arguments and images.
 * @param always whether to upgrade in any case
 */
export const ensureRelease = async (
  release: Release,
  options: { images: readonly string[]; always?: boolean; signal?: AbortSignal | undefined },
): Promise<Outcome> => {
  const { images, always = false, signal } = options;
  const description = await describeContent(release, images);
  const state = await stateOf(release);
  if (!always && state?.status === 'deployed' && state.description === description) return 'unchanged';
  const isLocked = state !== undefined && (state.status.startsWith('pending-') || state.status === 'uninstalling');
  if (isLocked) await unlock(release, signal);
  const { name, namespace, chart, args } = release;
  const limits = ['--wait', '--timeout', '5m', '--description', description];
  await helm(['upgrade', '--install', name, join(ROOT, chart), '--namespace', namespace, ...args, ...limits], {
    signal,
  });
  if (isLocked) return 'repaired';
  return state === undefined ? 'installed' : 'upgraded';
};
