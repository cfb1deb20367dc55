// The namespace of the demo. Only one with the label of this command is used or deleted.

import { CommandError, kubectl } from '../kubernetes/run.ts';
import { ClusterError, OWNER_LABEL } from '../kubernetes/cluster.ts';

type Namespace = {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
};

const [LABEL = '', OWNER = ''] = OWNER_LABEL.split('=');

const readNamespace = async (name: string): Promise<Namespace | undefined> => {
  try {
    const text = await kubectl(['get', 'namespace', name, '--output', 'json', '--ignore-not-found']);
    return text === '' ? undefined : (JSON.parse(text) as Namespace);
  } catch (error) {
    if (error instanceof CommandError && error.stderr.includes('(Forbidden)')) {
      throw new ClusterError(
        `The credentials of KUBECONFIG may not read namespaces: ask for it, or use another context.`,
      );
    }
    throw error;
  }
};

/**
 * The namespace, if this command made it.
 * @returns undefined when there is none
 * @throws ClusterError when it exists and was made by somebody else
 */
export const ownNamespace = async (name: string): Promise<Namespace | undefined> => {
  const namespace = await readNamespace(name);
  // eslint-disable-next-line security/detect-object-injection -- a constant
  if (namespace !== undefined && namespace.metadata.labels?.[LABEL] !== OWNER) {
    throw new ClusterError(
      `Namespace ${name} was not made by this command (it has no label ${OWNER_LABEL}), so it is left alone: choose another one with --namespace.`,
    );
  }
  return namespace;
};

/** Waits until a namespace that is being deleted is gone. */
const awaitDeletion = (name: string, signal?: AbortSignal): Promise<string> =>
  kubectl(['wait', '--for=delete', `namespace/${name}`, '--timeout=180s'], { signal });

/**
 * Creates the namespace with the label of this command. It enforces the Pod Security Standard `restricted`.
 * @returns whether it was created
 */
export const ensureNamespace = async (name: string, signal?: AbortSignal): Promise<boolean> => {
  const existing = await ownNamespace(name);
  if (existing?.metadata.deletionTimestamp !== undefined) await awaitDeletion(name, signal);
  else if (existing !== undefined) return false;
  const labels = { [LABEL]: OWNER, 'pod-security.kubernetes.io/enforce': 'restricted' };
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  await kubectl(['create', '--filename', '-'], { input, signal }); // not apply: it would take over one that somebody else makes now
  return true;
};

/** Deletes the namespace with everything in it. @returns whether there was one */
export const deleteNamespace = async (name: string, signal?: AbortSignal): Promise<boolean> => {
  if ((await ownNamespace(name)) === undefined) return false;
  await kubectl(['delete', 'namespace', name, '--wait=false'], { signal });
  await awaitDeletion(name, signal);
  return true;
};
