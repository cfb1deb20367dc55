// Builds the image with Docker and hands it to the nodes of a cluster, without a registry.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { variable } from '../../src/config/environment.ts';
import { ClusterError, KIND_CLUSTER, whichCluster } from './cluster.ts';
import { CommandError, kubectl, run } from './run.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Of the working tree, as `git describe` names it; `unknown` in a folder without git. */
const currentCommit = (): Promise<string> =>
  run('git', ['-C', ROOT, 'describe', '--always', '--abbrev=40', '--exclude', '*', '--dirty'], { quiet: true }).catch(
    () => 'unknown',
  );

/**
 * `docker build`; unchanged layers come from its cache.
 * @param tag e.g. user-service:0.1.0
 * @param version becomes DD_VERSION, which every process reports
 */
export const buildImage = async (tag: string, version: string, signal?: AbortSignal): Promise<void> => {
  const values = ['--build-arg', `VERSION=${version}`, '--build-arg', `COMMIT=${await currentCommit()}`];
  await run('docker', ['build', '--tag', tag, ...values, ROOT], { quiet: true, signal });
};

/** Whether every node lists the images. A node lists 50 images at most, so an image may be there without being listed. */
export const areOnNodes = async (tags: readonly string[]): Promise<boolean> => {
  const { items } = JSON.parse(await kubectl(['get', 'nodes', '--output', 'json'])) as {
    items: { status: { images?: { names: string[] | null }[] } }[]; // an image whose tag another has now has no name
  };
  const named = items.map(({ status }) => (status.images ?? []).flatMap(({ names }) => names ?? []));
  return named.every((names) => tags.every((tag) => names.some((name) => name.endsWith(`/${tag}`) || name === tag)));
};

const loadIntoKind = async (tags: readonly string[], name: string, signal?: AbortSignal): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'user-service-image-'));
  const archive = join(folder, 'image.tar');
  try {
    await run('docker', ['save', '--output', archive, ...tags], { quiet: true, signal });
    await run('kind', ['load', 'image-archive', archive, '--name', name], { quiet: true, signal });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** `docker save TAG… | COMMAND`, without a shell: the command is split at spaces. */
const loadByCommand = async (tags: readonly string[], command: string, signal?: AbortSignal): Promise<void> => {
  const [program = '', ...args] = command.trim().split(/\s+/);
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- the Docker of whoever runs this
  const save = spawn('docker', ['save', ...tags], { stdio: ['ignore', 'pipe', 'pipe'], signal, env });
  const load = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'], signal, env });
  const said = { save: '', load: '' };
  save.stderr.setEncoding('utf8').on('data', (text: string) => (said.save += text));
  load.stderr.setEncoding('utf8').on('data', (text: string) => (said.load += text));
  load.stdin.on('error', () => undefined); // a loader that ends early is reported by its exit code
  save.stdout.pipe(load.stdin);
  const [saved, loaded] = await Promise.all([once(save, 'close'), once(load, 'close')]).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    throw new CommandError('missing', `docker save or LOAD_IMAGE could not be started: ${(error as Error).message}`);
  });
  if (saved[0] !== 0) throw new CommandError('failed', `docker save failed: ${said.save.trim()}`, said.save);
  if (loaded[0] !== 0) {
    throw new CommandError(
      'failed',
      `LOAD_IMAGE (${program}) failed: ${said.load.trim().split('\n').at(-1) ?? ''}`,
      said.load,
    );
  }
};

/**
 * How images get into the cluster: LOAD_IMAGE, a command that takes a docker archive (`docker save`) on standard input, or `kind load image-archive`
 * for a cluster of kind.
 * @throws ClusterError when there is no way
 */
const howToLoad = async (): Promise<(tags: readonly string[], signal?: AbortSignal) => Promise<void>> => {
  const command = variable(env, 'LOAD_IMAGE');
  if (command !== undefined) return (tags, signal) => loadByCommand(tags, command, signal);
  if (whichCluster().from === 'kind') return (tags, signal) => loadIntoKind(tags, KIND_CLUSTER, signal);
  const context = await kubectl(['config', 'current-context']);
  if (context.startsWith('kind-')) return (tags, signal) => loadIntoKind(tags, context.slice('kind-'.length), signal);
  throw new ClusterError(
    `Context "${context}" is not a cluster of kind: set LOAD_IMAGE to a command that takes an image archive (docker save) on standard input and makes it known to the nodes, e.g. LOAD_IMAGE='minikube image load -' or LOAD_IMAGE='ssh node sudo ctr -n k8s.io images import -'.`,
  );
};

/**
 * Makes local images known to the nodes of the cluster, in one archive: layers that they share are transferred once.
 * @throws ClusterError when LOAD_IMAGE is needed and not set
 */
export const loadImages = async (tags: readonly string[], signal?: AbortSignal): Promise<void> =>
  (await howToLoad())(tags, signal);

/** The same for one image. */
export const loadImage = (tag: string, signal?: AbortSignal): Promise<void> => loadImages([tag], signal);

/** @throws ClusterError, before anything was built */
export const requireLoader = async (): Promise<void> => {
  await howToLoad();
};
