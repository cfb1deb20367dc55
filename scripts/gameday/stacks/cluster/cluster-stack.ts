// The whole system in a namespace of its own. It is removed at the end, also when something fails.

import { join } from 'node:path';

import { reachCluster } from '../../../kubernetes/cluster.ts';
import { openAll, type Closings } from '../closings.ts';
import { claim } from '../only-one.ts';
import { ROOT, type OpenStack } from '../stack.ts';
import { openAccess } from './access.ts';
import { makeData } from './data.ts';
import { install, removeInstallation } from './install.ts';
import { followLogs } from './logs.ts';
import { operations } from './operate.ts';

type Report = (line: string) => void;

const open = async (promtool: string, report: Report, closings: Closings): Promise<OpenStack['stack']> => {
  closings.push(claim(join(ROOT, '.cache/gameday/cluster/pid'), 'A stack on a cluster'));
  const { context, version } = await reachCluster();
  report(`cluster of context ${context}, Kubernetes ${version}`);
  closings.push(removeInstallation);
  await install(report);
  const logs = followLogs();
  closings.push(logs.close);
  const access = await openAccess(promtool, closings);
  const { variables } = access;
  report(`ready: API_URL=${variables.API_URL} PROMETHEUS_URL=${variables.PROMETHEUS_URL}`);
  return {
    target: 'kubectl',
    folder: ROOT,
    variables,
    apiUrl: variables.API_URL,
    ...operations,
    ...makeData(access),
    output: (process) => Promise.resolve(logs.textOf(process)),
  };
};

/** `report` gets one line for each step. On failure everything that was made is removed. @param promtool its path, for the blocks */
export const startClusterStack = (promtool: string, report: Report): Promise<OpenStack> =>
  openAll(async (closings) => ({ stack: await open(promtool, report, closings), spansOf: () => [] }));
