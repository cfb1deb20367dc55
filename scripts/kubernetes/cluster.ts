// Which cluster a command works on, and whether it can: the reasons why it can not are told apart.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { variable } from '../../src/config/environment.ts';
import { CommandError, kubectl, run } from './run.ts';

export const KIND_CLUSTER = 'user-service-demo';

/** kind writes its credentials here, so that neither the kubeconfig of the user nor its current context changes. */
const KIND_KUBECONFIG = join(import.meta.dirname, '../../.local/kind/kubeconfig');

/** On the namespaces and the nodes that these commands make: only what has it is ever deleted. */
export const OWNER_LABEL = `app.kubernetes.io/managed-by=${KIND_CLUSTER}`;

const KIND_CONFIG = JSON.stringify({
  kind: 'Cluster',
  apiVersion: 'kind.x-k8s.io/v1alpha4',
  nodes: [{ role: 'control-plane', labels: Object.fromEntries([OWNER_LABEL.split('=')]) as object }],
});

/** A cluster can not be used. The message is one sentence for the operator, with a way on. */
export class ClusterError extends Error {}

/** What the operator can fix: its message says all. */
export const isClusterFailure = (error: unknown): error is Error =>
  error instanceof CommandError || error instanceof ClusterError;

export type Cluster =
  /** The current context of KUBECONFIG. */
  | { readonly from: 'kubeconfig'; readonly kubeconfig: string }
  /** KUBECONFIG is not set: a cluster of kind. The default kubeconfig (~/.kube/config) is never used, its context may be anything. */
  | { readonly from: 'kind'; readonly kubeconfig: string; readonly name: string };

/** Reads the environment only. */
export const whichCluster = (): Cluster => {
  const kubeconfig = variable(env, 'KUBECONFIG');
  return kubeconfig === undefined || kubeconfig === KIND_KUBECONFIG
    ? { from: 'kind', kubeconfig: KIND_KUBECONFIG, name: KIND_CLUSTER }
    : { from: 'kubeconfig', kubeconfig };
};

/** Makes kubectl and helm of this process use the cluster. */
export const useCluster = ({ kubeconfig }: Cluster): void => {
  env.KUBECONFIG = kubeconfig;
};

/** @throws CommandError when kind is missing */
export const kindClusterExists = async (name = KIND_CLUSTER): Promise<boolean> =>
  (await run('kind', ['get', 'clusters'], { quiet: true })).split('\n').includes(name);

/**
 * Creates the cluster of kind unless it exists, and its kubeconfig in either case.
 * @returns whether it was created
 */
export const ensureKindCluster = async (signal?: AbortSignal): Promise<boolean> => {
  const target = ['--name', KIND_CLUSTER, '--kubeconfig', KIND_KUBECONFIG];
  const exists = await kindClusterExists();
  if (exists) await run('kind', ['export', 'kubeconfig', ...target], { quiet: true, signal });
  else
    await run('kind', ['create', 'cluster', ...target, '--wait', '120s', '--config', '-'], {
      quiet: true,
      signal,
      input: KIND_CONFIG,
    });
  return !exists;
};

const currentContext = async (): Promise<string> => {
  const kubeconfig = variable(env, 'KUBECONFIG') ?? '';
  if (!kubeconfig.split(delimiter).some((path) => existsSync(path))) {
    throw new ClusterError(`KUBECONFIG names a file that does not exist: ${kubeconfig}`);
  }
  try {
    return await kubectl(['config', 'current-context']);
  } catch (error) {
    if (!(error instanceof CommandError) || error.reason === 'missing') throw error;
    throw error.stderr.includes('current-context is not set')
      ? new ClusterError(`${kubeconfig} has no current context: kubectl config get-contexts, then use-context`)
      : new ClusterError(`KUBECONFIG can not be read: ${error.message}`);
  }
};

/**
 * Asks the API server for its version.
 * @returns the context, and the server's version
 * @throws ClusterError when KUBECONFIG is wrong, the API server can not be reached, or does not accept the credentials
 */
export const reachCluster = async (signal?: AbortSignal): Promise<{ context: string; version: string }> => {
  const context = await currentContext();
  try {
    const text = await kubectl(['get', '--raw', '/version', '--request-timeout=10s'], { signal });
    return { context, version: (JSON.parse(text) as { gitVersion: string }).gitVersion };
  } catch (error) {
    if (!(error instanceof CommandError) || error.reason === 'missing') throw error;
    const cause = error.message.replace(/^.*? failed: /, '');
    throw /unauthorized|logged in|forbidden/i.test(cause)
      ? new ClusterError(`The cluster of context "${context}" does not accept the credentials: ${cause}`)
      : new ClusterError(`The cluster of context "${context}" can not be reached: ${cause}`);
  }
};

/** `kubectl auth can-i`. @param right e.g. ['create', 'deployments.apps'] */
export const canI = async (right: readonly string[], namespace?: string): Promise<boolean> => {
  const where = namespace === undefined ? [] : ['--namespace', namespace];
  try {
    return (await kubectl(['auth', 'can-i', ...right, ...where])) === 'yes';
  } catch (error) {
    // "no" is printed on standard output, with exit code 1
    if (error instanceof CommandError && error.reason === 'failed' && !/unable|refused|error:/i.test(error.stderr))
      return false;
    throw error;
  }
};

/** @throws ClusterError that names the rights the credentials do not have */
export const requireRights = async (rights: readonly (readonly string[])[], namespace?: string): Promise<void> => {
  const granted = await Promise.all(rights.map((right) => canI(right, namespace)));
  const missing = rights.filter((_, index) => granted.at(index) === false).map((right) => right.join(' '));
  if (missing.length === 0) return;
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  throw new ClusterError(
    `The credentials of KUBECONFIG may not ${missing.join(', ')}${where}: ask for them, or use another context.`,
  );
};

/**
 * Whether these commands made the cluster of kind.
 * @throws ClusterError when it does not answer, so that nobody knows
 */
export const ownsKindCluster = async (): Promise<boolean> => {
  try {
    await run('kind', ['export', 'kubeconfig', '--name', KIND_CLUSTER, '--kubeconfig', KIND_KUBECONFIG], {
      quiet: true,
    });
    return (
      (await kubectl(['get', 'nodes', '--selector', OWNER_LABEL, '--output', 'name', '--request-timeout=10s'])) !== ''
    );
  } catch (error) {
    if (!(error instanceof CommandError) || error.reason === 'missing') throw error;
    throw new ClusterError(
      `The cluster ${KIND_CLUSTER} of kind does not answer, so it is not known who made it. If nobody needs it: kind delete cluster --name ${KIND_CLUSTER}`,
    );
  }
};

export const removeKindCluster = async (signal?: AbortSignal): Promise<void> => {
  await run('kind', ['delete', 'cluster', '--name', KIND_CLUSTER, '--kubeconfig', KIND_KUBECONFIG], {
    quiet: true,
    signal,
  });
};
