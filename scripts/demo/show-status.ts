// `--status`: what of the demo is there. It changes nothing.

import { kindClusterExists, reachCluster, useCluster, whichCluster } from '../kubernetes/cluster.ts';
import { helm } from '../kubernetes/run.ts';
import { demoCommand } from './demo-screen.ts';
import { ownNamespace } from '../kubernetes/own-namespace.ts';
import { listWorkloads } from './workloads.ts';

type ListedRelease = {
  readonly name: string;
  readonly revision: string;
  readonly status: string;
  readonly chart: string;
};

const describeReleases = async (namespace: string): Promise<string[]> => {
  const text = await helm(['list', '--all', '--namespace', namespace, '--output', 'json']);
  return (JSON.parse(text) as ListedRelease[]).map(
    ({ name, revision, status, chart }) => `    ${name.padEnd(20)} ${status}, revision ${revision}, chart ${chart}`,
  );
};

const describeWorkloads = async (namespace: string): Promise<string[]> =>
  (await listWorkloads(namespace)).map(({ metadata, spec, status }) => {
    const ready = `${status.readyReplicas ?? 0}/${spec.replicas} ready`;
    const image = spec.template.spec.containers[0]?.image ?? '';
    return `    ${metadata.name.padEnd(20)} ${ready.padEnd(10)} ${image}`;
  });

/** @returns the text of the page */
export const describeStatus = async (namespace: string): Promise<string> => {
  const cluster = whichCluster();
  if (cluster.from === 'kind' && !(await kindClusterExists())) {
    return `\n  There is no cluster ${cluster.name} of kind. ${demoCommand(namespace)} makes it.\n`;
  }
  useCluster(cluster);
  const { context, version } = await reachCluster();
  const found = await ownNamespace(namespace);
  const head = `\n  ${context}, Kubernetes ${version}, namespace ${namespace}`;
  if (found === undefined) return `${head}: not installed. ${demoCommand(namespace)} installs it.\n`;
  const [releases, workloads] = await Promise.all([describeReleases(namespace), describeWorkloads(namespace)]);
  const hints = `  ${demoCommand(namespace)} opens the URLs, ${demoCommand(namespace, '--down')} removes everything.`;
  return [head, '', ...releases, '', ...workloads, '', hints, ''].join('\n');
};
