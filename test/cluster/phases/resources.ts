// CPU and memory per pod: idle, under load, and at its start. The figures are the source of the chart's requests and limits (docs/cluster.md).

import type { Phase, PhaseTools } from '../phase.ts';
import { RELEASE } from '../support/installation.ts';
import { COMPONENTS, type Component, type Pod } from '../support/pods.ts';
import { readUsage, type Usage } from '../support/usage.ts';

const WINDOW_SECONDS = 15;

type Measured = Pick<PhaseTools, 'installation' | 'pods'>;

const readAll = (namespace: string, pods: readonly Pod[]): Promise<Usage[]> =>
  Promise.all(pods.map(({ name }) => readUsage(namespace, name)));

const maximum = (values: readonly number[]): number => Math.round(Math.max(0, ...values));

/** @returns e.g. `api 120m 95 MiB`: the pod of each component that used most */
const measure = async ({ installation, pods }: Measured, passTime: () => Promise<void>): Promise<string> => {
  const all = COMPONENTS.map((component) => ({ component, members: pods.ready(component) }));
  const before = await Promise.all(all.map(({ members }) => readAll(installation.namespace, members)));
  await passTime();
  const rows = all.map(async ({ component, members }, index) => {
    const after = await readAll(installation.namespace, members);
    const used = after.map(({ cpuMs, atMs }, pod) => {
      const { cpuMs: cpuBefore = 0, atMs: atBefore = 0 } = before[index]?.[pod] ?? {};
      return (1000 * (cpuMs - cpuBefore)) / (atMs - atBefore);
    });
    return `${component} ${maximum(used)}m CPU, ${maximum(after.map(({ memoryMiB }) => memoryMiB))} MiB`;
  });
  return (await Promise.all(rows)).join(' · ');
};

/** Restarts one component alone. @returns CPU time and time of its pods from creation until they were ready */
const measureStart = async ({ installation, pods }: PhaseTools, component: Component): Promise<string> => {
  const since = pods.begin();
  await installation.kubectl(['rollout', 'restart', `deployment/${RELEASE}-${component}`]);
  await installation.kubectl(['rollout', 'status', `deployment/${RELEASE}-${component}`, '--timeout=180s']);
  const { started } = since();
  const usages = await readAll(installation.namespace, started);
  await pods.settle();
  const seconds = (maximum(started.map(({ readyAfterMs = 0 }) => readyAfterMs)) / 1000).toFixed(1);
  return `${component} ${seconds} s, ${maximum(usages.map(({ cpuMs }) => cpuMs))} ms CPU, ${maximum(usages.map(({ memoryMiB }) => memoryMiB))} MiB`;
};

export const RESOURCES: Phase = {
  name: 'resources',
  about: 'CPU and memory of each component under load, and what its start costs',
  run: async (tools) => {
    const { load, note } = tools;
    note(`under load: ${await measure(tools, () => load.forSeconds(WINDOW_SECONDS))}`);
    for (const component of COMPONENTS) note(`at start: ${await measureStart(tools, component)}`);
  },
};

/** Before there is load. */
export const measureIdle = async (tools: Measured): Promise<string> =>
  measure(tools, async () => {
    await new Promise((resolve) => setTimeout(resolve, WINDOW_SECONDS * 1000));
  });
