// A namespace that a command has made. Only one with the label of that command is used or deleted.

import { ClusterError, OWNER_LABEL } from './cluster.ts';
import { CommandError, kubectl } from './run.ts';

type Namespace = {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
};

/** A label `name=value`. */
type Owner = { readonly label: string; readonly wayOn: string };

const DEMO: Owner = { label: OWNER_LABEL, wayOn: 'choose another one with --namespace' };

const labelsOf = ({ label }: Owner): Record<string, string> =>
  Object.fromEntries([label.split('=')]) as Record<string, string>;

const isOwn = (namespace: Namespace, owner: Owner): boolean => {
  const labels = new Map(Object.entries(namespace.metadata.labels ?? {}));
  return Object.entries(labelsOf(owner)).every(([name, value]) => labels.get(name) === value);
};

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
export const ownNamespace = async (name: string, owner = DEMO): Promise<Namespace | undefined> => {
  const namespace = await readNamespace(name);
  if (namespace !== undefined && !isOwn(namespace, owner)) {
    throw new ClusterError(
      `Namespace ${name} was not made by this command (it has no label ${owner.label}), so it is left alone: ${owner.wayOn}.`,
    );
  }
  return namespace;
};

/** Not by apply: it would take over one that somebody else makes now. */
const createNamespace = async (name: string, labels: object, signal?: AbortSignal): Promise<void> => {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  await kubectl(['create', '--filename', '-'], { input, signal });
};

/** Creates an empty namespace of `owner`. @throws CommandError when there is one with this name */
export const createOwnNamespace = (name: string, owner: Owner): Promise<void> => createNamespace(name, labelsOf(owner));

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
  await createNamespace(name, { ...labelsOf(DEMO), 'pod-security.kubernetes.io/enforce': 'restricted' }, signal);
  return true;
};

/** Deletes the namespace with everything in it. @returns whether there was one */
export const deleteNamespace = async (name: string, signal?: AbortSignal, owner = DEMO): Promise<boolean> => {
  if ((await ownNamespace(name, owner)) === undefined) return false;
  await kubectl(['delete', 'namespace', name, '--wait=false'], { signal });
  await awaitDeletion(name, signal);
  return true;
};
