// Keeps the URLs of the demo open until Ctrl-C.

import { once } from 'node:events';

import { reachCluster, whichCluster } from '../kubernetes/cluster.ts';
import { forwardPort } from '../kubernetes/forward-port.ts';
import { ensureDemoAccount } from './demo-account.ts';
import { VERSIONS } from './demo-images.ts';
import { demoScreen } from './demo-screen.ts';
import type { Step } from './steps.ts';

const PROMETHEUS_PORT = 9090;

type Serving = {
  readonly namespace: string;
  readonly port: number;
  readonly step: Step;
  readonly signal: AbortSignal;
};

/** Prints the screen and resolves when the signal is aborted and every port is closed. */
export const serve = async ({ namespace, port, step, signal }: Serving): Promise<void> => {
  const { api, prometheus } = await step('URLs', async (note) => {
    const ports = [
      forwardPort({ namespace, service: 'users-api', port: 80, localPort: port }),
      forwardPort({ namespace, service: 'prometheus', port: 9090, localPort: PROMETHEUS_PORT }),
    ] as const;
    const [openApi, openPrometheus] = await Promise.all(ports);
    note(openApi.port === port ? openApi.url : `${openApi.url}, because port ${port} is taken`);
    return { api: openApi, prometheus: openPrometheus };
  });
  try {
    const demo = await step('demo account', () => ensureDemoAccount(`${api.url}/api/v1`, namespace));
    const cluster = whichCluster();
    const { context } = await reachCluster(signal);
    const text = demoScreen({
      versions: VERSIONS,
      cluster: context,
      namespace,
      kubeconfig: cluster.from === 'kind' ? cluster.kubeconfig : undefined,
      apiUrl: api.url,
      prometheusUrl: prometheus.url,
      demo,
    });
    process.stdout.write(text);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await Promise.all([api.close(), prometheus.close()]);
  }
};
