// Pods that others remove: evictions, a node that is drained, deletions.

import { CommandError } from '../../../scripts/kubernetes/run.ts';
import { eventually } from '../../support/eventually.ts';
import { ensure, type Phase, type PhaseTools } from '../phase.ts';
import { RELEASE } from '../support/installation.ts';
import { COMPONENTS, type Component } from '../support/pods.ts';

/** @returns whether the eviction was granted; a disruption budget refuses with 429 */
const evict = async ({ installation }: PhaseTools, name: string): Promise<boolean> => {
  const { namespace } = installation;
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  try {
    await installation.kubectl(['create', '--raw', path, '--filename', '-'], JSON.stringify(eviction));
    return true;
  } catch (error) {
    if (error instanceof CommandError && error.stderr.includes('disruption budget')) return false;
    throw error;
  }
};

/** Pods are ready a moment before their disruption budget counts them. */
const settle = async ({ installation, pods }: PhaseTools, component: Component): Promise<void> => {
  await pods.settle();
  const status = '--output=jsonpath={.status.disruptionsAllowed}';
  await eventually(
    async () => {
      const allowed = await installation.kubectl(['get', 'poddisruptionbudget', `${RELEASE}-${component}`, status]);
      ensure(allowed === '1', `the disruption budget of ${component} allows ${allowed} disruptions`);
    },
    { deadlineMs: 60_000, everyMs: 200 },
  );
};

const evictions: Phase = {
  name: 'evictions',
  about: 'one pod after the other is evicted; while it is replaced, the next eviction must be refused',
  run: async (tools) => {
    const { pods } = tools;
    for (const component of COMPONENTS) {
      await settle(tools, component);
      const [first, second] = pods.ready(component).map(({ name }) => name);
      ensure(await evict(tools, first ?? ''), `the eviction of ${String(first)} was refused`);
      ensure(!(await evict(tools, second ?? '')), `the eviction of a second ${component} pod was granted`);
    }
    await settle(tools, 'api');
    for (const { name } of pods.ready('api')) {
      ensure(await evict(tools, name), `the eviction of ${name} was refused`);
      await settle(tools, 'api');
    }
  },
};

/** Only pods of the service are evicted: the dependencies of this installation run once each. */
const drainNode = async ({ installation }: PhaseTools, node: string, timeout: string): Promise<boolean> => {
  const pods = ['--pod-selector', `app.kubernetes.io/instance=${RELEASE}`, '--delete-emptydir-data'];
  try {
    await installation.kubectl(['drain', node, '--ignore-daemonsets', ...pods, `--timeout=${timeout}`]);
    return true;
  } catch (error) {
    if (error instanceof CommandError && /disruption budget|timeout|deadline/i.test(error.stderr)) return false;
    throw error;
  }
};

const drain: Phase = {
  name: 'drain',
  about: 'kubectl drain of a node; with a single node the disruption budgets must block it, and the rest serves',
  run: async (tools) => {
    const { installation, pods, load, note } = tools;
    const nodes = await installation.schedulableNodes();
    const [node] = nodes;
    if (node === undefined) throw new Error('no node accepts pods');
    await installation.cordon(node);
    const isAlone = nodes.length === 1;
    const isDrained = await drainNode(tools, node, isAlone ? '20s' : '180s');
    ensure(isDrained !== isAlone, isAlone ? 'the only node was drained' : `node ${node} was not drained`);
    const left = COMPONENTS.map((component) => `${component} ${pods.ready(component).length}`);
    note(`${nodes.length} node(s), drain ${isDrained ? 'done' : 'blocked'}; ready pods left: ${left.join(', ')}`);
    await load.forSeconds(3);
    await installation.uncordon(node);
    await pods.settle();
  },
};

const deletions: Phase = {
  name: 'deletions',
  about: 'every pod of the service is deleted, one of each component at a time',
  run: async ({ installation, pods }) => {
    const rounds = Math.max(...COMPONENTS.map((component) => pods.ready(component).length));
    const queues = COMPONENTS.map((component) => pods.ready(component).map(({ name }) => name));
    for (let round = 0; round < rounds; round += 1) {
      const names = queues.flatMap((queue) => queue.slice(round, round + 1));
      await installation.kubectl(['delete', 'pod', '--wait=false', ...names]);
      await pods.settle();
    }
  },
};

export const DISRUPTIONS = { evictions, drain, deletions };
