// Requests from a pod of the cluster, through the Service as every caller there: reads and orders of the demo account, over connections that are kept.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { variable } from '../../src/config/environment.ts';
import { apply, kubectl } from '../kubernetes/run.ts';
import { ClusterError } from '../kubernetes/cluster.ts';
import { ACCOUNT_SECRET } from './demo-account.ts';
import { REPOSITORY, VERSIONS } from './demo-images.ts';
import { ownNamespace } from '../kubernetes/own-namespace.ts';

const fromSecret = (name: string, key: string) => ({
  name,
  valueFrom: { secretKeyRef: { name: ACCOUNT_SECRET, key } },
});

const loadPod = (name: string, script: string, seconds: number) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { 'app.kubernetes.io/name': 'demo-load' } },
  spec: {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    activeDeadlineSeconds: seconds + 120,
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'load',
        image: `${REPOSITORY}:${VERSIONS[0]}`,
        imagePullPolicy: 'IfNotPresent',
        command: ['node', '--no-warnings', '--input-type=module-typescript', '--eval', script],
        env: [
          // eslint-disable-next-line sonarjs/no-clear-text-protocols -- within the cluster, as callers reach the Service
          { name: 'BASE_URL', value: 'http://users-api/api/v1' },
          { name: 'SECONDS', value: String(seconds) },
          fromSecret('LOGIN', 'username'),
          fromSecret('PASSWORD', 'password'),
        ],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  },
});

const START_MS = 180_000;

const awaitStart = async (name: string, namespace: string, signal: AbortSignal): Promise<void> => {
  const deadline = performance.now() + START_MS;
  for (;;) {
    const phase = ['get', 'pod', name, '--namespace', namespace, '--output', 'jsonpath={.status.phase}'];
    if ((await kubectl(phase, { signal })) !== 'Pending') return;
    if (performance.now() > deadline) {
      throw new ClusterError(
        `The pod of the load did not start within ${START_MS / 1000} s: try again, or see --status.`,
      );
    }
    await pause(500);
  }
};

/** @returns the exit code of the load: 0 when no request failed and every order was decided */
export const load = async (namespace: string, seconds: number, signal: AbortSignal): Promise<number> => {
  if ((await ownNamespace(namespace)) === undefined) {
    throw new ClusterError(`There is no demo in namespace ${namespace}: start it with npm run demo:kind.`);
  }
  const script = await readFile(join(import.meta.dirname, 'load-generator.mts'), 'utf8');
  const name = `demo-load-${Date.now()}`;
  const where = ['--namespace', namespace];
  try {
    await apply(namespace, loadPod(name, script, seconds));
    await awaitStart(name, namespace, signal);
    const logs = spawn(variable(env, 'KUBECTL') ?? 'kubectl', ['logs', ...where, '--follow', name], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env,
    });
    const stop = (): void => {
      logs.kill();
    };
    signal.addEventListener('abort', stop);
    await once(logs, 'close');
    signal.throwIfAborted();
    const code = 'jsonpath={.status.containerStatuses[0].state.terminated.exitCode}';
    await kubectl(['wait', `pod/${name}`, ...where, `--for=${code}`, '--timeout=20s']).catch(() => undefined);
    return (await kubectl(['get', 'pod', name, ...where, '--output', code])) === '0' ? 0 : 1;
  } finally {
    await kubectl(['delete', 'pod', name, ...where, '--ignore-not-found', '--wait=false']);
  }
};
