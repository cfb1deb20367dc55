// What a drill does to the workloads of the namespace.

import { helm } from '../../../kubernetes/run.ts';
import type { Part, Process, Stack } from '../stack.ts';
import { CHART, inNamespace, NAMESPACE, RELEASE } from './place.ts';

type Operations = Pick<Stack, 'kill' | 'pause' | 'resume' | 'start' | 'restart' | 'deploy' | 'rollBack' | 'scale'>;

const WORKLOADS = new Map<Part, string>([
  ['postgres', 'statefulset/postgres'],
  ['redis', 'deployment/redis'],
  ['kafka', 'statefulset/kafka'],
  ['registry', 'deployment/schema-registry'],
  ['api', `deployment/${RELEASE}-api`],
  ['relay', `deployment/${RELEASE}-relay`],
  ['worker', `deployment/${RELEASE}-worker`],
]);

/** Variables of Node.js itself: the chart knows them as extraEnv, settings of the service as config. */
const OF_NODE = new Set(['NODE_OPTIONS', 'UV_THREADPOOL_SIZE']);

/** @throws Error for a part that the charts do not install */
const workloadOf = (part: Part): string => {
  const workload = WORKLOADS.get(part);
  if (workload === undefined) throw new Error(`${part} is not part of the cluster.`);
  return workload;
};

const scaleTo = async (part: Part, replicas: number): Promise<void> => {
  await inNamespace(['scale', workloadOf(part), `--replicas=${replicas}`]);
};

const ready = async (part: Part): Promise<void> => {
  await inNamespace(['rollout', 'status', workloadOf(part), '--timeout=120s']);
};

const isAtZero = async (part: Part): Promise<boolean> =>
  (await inNamespace(['get', workloadOf(part), '--output=jsonpath={.spec.replicas}'])) === '0';

/** Its pods get a second; resolves when they are gone. Only somebody who scales it starts it again. */
const kill = async (part: Part): Promise<void> => {
  await scaleTo(part, 0);
  const component = part === 'registry' ? 'schema-registry' : part;
  const pods = ['pods', '--selector', `app.kubernetes.io/component=${component}`];
  await inNamespace(['delete', ...pods, '--grace-period=1', '--timeout=60s', '--ignore-not-found']);
};

const start = async (part: Part): Promise<void> => {
  if (await isAtZero(part)) await scaleTo(part, 1);
  await ready(part);
};

const restart = async (part: Part): Promise<void> => {
  if (await isAtZero(part)) return start(part);
  await inNamespace(['rollout', 'restart', workloadOf(part)]);
  await ready(part);
};

const impossible = (): Promise<never> =>
  Promise.reject(new Error('A pod cannot be suspended: it has neither a signal for that nor rights on its node.'));

/** A new revision of the release. A ConfigMap holds the settings of all processes, so all of them are replaced. */
const deploy = async (_process: Process, settings: Readonly<Record<string, string>>): Promise<void> => {
  const entries = Object.entries(settings);
  const config = Object.fromEntries(entries.filter(([name]) => !OF_NODE.has(name)));
  const extraEnv = entries.filter(([name]) => OF_NODE.has(name)).map(([name, value]) => ({ name, value }));
  const args = ['upgrade', RELEASE, CHART, '--namespace', NAMESPACE, '--reuse-values', '--values', '-'];
  await helm(args, { input: JSON.stringify({ config, ...(extraEnv.length > 0 && { extraEnv }) }) });
};

export const operations: Operations = {
  kill,
  pause: impossible,
  resume: () => Promise.resolve(),
  start,
  restart,
  deploy,
  rollBack: async () => {
    await helm(['rollback', RELEASE, '--namespace', NAMESPACE]);
  },
  scale: async (process, instances) => {
    await scaleTo(process, instances);
    await ready(process);
  },
};
