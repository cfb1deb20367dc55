// What runs in the namespace: waits until it is ready, and says why it is not.

import { CommandError, kubectl } from '../kubernetes/run.ts';

type Pod = {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
};
type ContainerStatus = {
  readonly ready: boolean;
  readonly state: { readonly waiting?: { readonly reason: string; readonly message?: string } };
};
type Workload = {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly replicas: number; readonly template: { spec: { containers: { image: string }[] } } };
  readonly status: { readonly readyReplicas?: number };
};

const list = async <T>(namespace: string, kinds: string): Promise<readonly T[]> =>
  (JSON.parse(await kubectl(['get', kinds, '--namespace', namespace, '--output', 'json'])) as { items: T[] }).items;

export const listWorkloads = (namespace: string): Promise<readonly Workload[]> =>
  list<Workload>(namespace, 'deployments,statefulsets');

const causeOf = ({ status }: Pod): string => {
  const waiting = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
    .map(({ state }) => state.waiting)
    .find((state) => state !== undefined && !['PodInitializing', 'ContainerCreating'].includes(state.reason));
  const unscheduled = status.conditions?.find(({ type, status: met }) => type === 'PodScheduled' && met === 'False');
  return waiting?.reason ?? unscheduled?.message ?? (status.phase === 'Running' ? 'not ready' : status.phase);
};

/** E.g. `kafka-0: ImagePullBackOff`; empty when every pod is ready. */
const whatIsNotReady = async (namespace: string): Promise<string> => {
  const pods = (await list<Pod>(namespace, 'pods')).filter(
    ({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase !== 'Succeeded',
  );
  const notReady = pods.filter(({ status }) => status.containerStatuses?.every(({ ready }) => ready) !== true);
  return notReady.map((pod) => `${pod.metadata.name}: ${causeOf(pod)}`).join('; ');
};

/** Runs `work`; a failure of a command names the pods that are not ready as well, and how to look at them. */
export const explainPods = async <T>(namespace: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CommandError) || error.reason === 'missing') throw error;
    const pods = await whatIsNotReady(namespace).catch(() => '');
    if (pods === '') throw error;
    const look = `kubectl --namespace ${namespace} describe pods`;
    throw new CommandError('failed', `${error.message}\nPods that are not ready: ${pods}. See: ${look}`, error.stderr);
  }
};

/** Starts again what was scaled to zero, and waits until every workload is ready. */
export const awaitWorkloads = async (namespace: string, signal?: AbortSignal): Promise<void> => {
  const workloads = await listWorkloads(namespace);
  for (const { kind, metadata, spec } of workloads) {
    const name = `${kind.toLowerCase()}/${metadata.name}`;
    if (spec.replicas === 0) await kubectl(['scale', '--namespace', namespace, name, '--replicas=1'], { signal });
  }
  const names = workloads.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`);
  await Promise.all(
    names.map((name) => kubectl(['rollout', 'status', '--namespace', namespace, name, '--timeout=180s'], { signal })),
  );
};
