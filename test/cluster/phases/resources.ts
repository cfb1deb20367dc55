// CPU and memory per pod: idle, under load, and at its start. The requests and limits of the chart follow from these figures (docs/cluster.md).

import { setTimeout as pause } from 'node:timers/promises';

import type { Phase, PhaseTools } from '../phase.ts';
import { RELEASE } from '../support/installation.ts';
import { COMPONENTS, type Component } from '../support/pods.ts';
import { readUsage, type Usage } from '../support/usage.ts';

const WINDOW_SECONDS = 15;
const POLL_MS = 200;

type Measured = Pick<PhaseTools, 'installation' | 'pods'>;

const largest = (values: readonly number[]): number => Math.round(Math.max(0, ...values));

/** @returns e.g. `api 120m CPU, 95 MiB`: the largest figures of its pods */
const measureComponent = async (
  { installation, pods }: Measured,
  component: Component,
  passTime: () => Promise<void>,
): Promise<string> => {
  const measurements = pods.ready(component).map(async ({ name }) => {
    const before = await readUsage(installation.namespace, name);
    await passTime();
    const after = await readUsage(installation.namespace, name);
    return { memoryMiB: after.memoryMiB, milliCpu: (1000 * (after.cpuMs - before.cpuMs)) / (after.atMs - before.atMs) };
  });
  const usages = await Promise.all(measurements);
  const [cpu, memory] = [usages.map(({ milliCpu }) => milliCpu), usages.map(({ memoryMiB }) => memoryMiB)];
  return `${component} ${largest(cpu)}m CPU, ${largest(memory)} MiB`;
};

const measure = async (tools: Measured, passTime: () => Promise<void>): Promise<string> =>
  (await Promise.all(COMPONENTS.map((component) => measureComponent(tools, component, passTime)))).join(' · ');

/** Restarts one component alone, and reads each new pod at the moment when it is ready. */
const measureStart = async ({ installation, pods }: Measured, component: Component): Promise<string> => {
  const since = pods.begin();
  const usages = new Map<string, Usage>();
  const rolling = new AbortController();
  const deployment = `deployment/${RELEASE}-${component}`;
  await installation.kubectl(['rollout', 'restart', deployment]);
  const rollout = installation.kubectl(['rollout', 'status', deployment, '--timeout=180s']).finally(() => {
    rolling.abort();
  });
  while (!rolling.signal.aborted) {
    for (const { name, isReady } of since().started)
      if (isReady && !usages.has(name)) usages.set(name, await readUsage(installation.namespace, name));
    await pause(POLL_MS);
  }
  await rollout;
  await pods.settle();
  const seconds = largest(since().started.map(({ readyAfterMs = 0 }) => readyAfterMs)) / 1000;
  const [cpu, memory] = [[...usages.values()].map(({ cpuMs }) => cpuMs), [...usages.values()].map((u) => u.memoryMiB)];
  return `${component} ready after ${seconds.toFixed(1)} s, ${largest(cpu)} ms of CPU, ${largest(memory)} MiB`;
};

export const RESOURCES: Phase = {
  name: 'resources',
  about: 'CPU and memory of each component under load, and what its start costs; idle before the load begins',
  run: async (tools) => {
    const { load, note } = tools;
    note(`under load: ${await measure(tools, () => load.forSeconds(WINDOW_SECONDS))}`);
    for (const component of COMPONENTS) note(`start: ${await measureStart(tools, component)}`);
  },
};

/** Before there is load. */
export const measureIdle = (tools: Measured): Promise<string> => measure(tools, () => pause(WINDOW_SECONDS * 1000));
