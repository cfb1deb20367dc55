// The pod that sends requests. Its lines arrive here once a second.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { apply, kubectl } from '../../../scripts/kubernetes/run.ts';
import { eventually } from '../../support/eventually.ts';
import type { LoadLine } from '../load-generator.mts';
import { streamLines } from '../../../scripts/kubernetes/stream-lines.ts';

const SOURCE = join(import.meta.dirname, '../load-generator.mts');
const MAX_SIGN_UP_MS = 90_000;

type Options = {
  readonly namespace: string;
  /** Any image with Node.js 24. */
  readonly image: string;
  readonly url: string;
  readonly connections: number;
  /** Requests per second of all connections together. */
  readonly rate: number;
};

const podOf = ({ image, url, connections, rate }: Options) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'load' },
  spec: {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'load',
        image,
        command: ['node', '/load/load-generator.mts', url, String(connections), String(rate)],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        resources: { requests: { cpu: '200m', memory: '64Mi' }, limits: { memory: '192Mi' } },
        volumeMounts: [{ name: 'load', mountPath: '/load', readOnly: true }],
      },
    ],
    volumes: [{ name: 'load', configMap: { name: 'load' } }],
  },
});

/** Resolves when the first requests were sent. @param onEnd is called if the pod ends by itself */
export const startLoad = async (options: Options, onEnd: (reason: string) => void) => {
  const { namespace } = options;
  const data = { 'load-generator.mts': readFileSync(SOURCE, 'utf8') };
  await apply(namespace, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'load' }, data }, podOf(options));
  await kubectl(['wait', '--namespace', namespace, 'pod/load', '--for=condition=Ready', '--timeout=60s']);
  const lines: LoadLine[] = [];
  const { stop } = streamLines(
    ['logs', '--namespace', namespace, '--follow', 'pod/load'],
    (line) => {
      if (line.startsWith('{')) lines.push(JSON.parse(line) as LoadLine);
    },
    onEnd,
  );
  const reach = (count: number, deadlineMs: number): Promise<void> =>
    eventually(
      () => {
        if (lines.length < count) throw new Error(`the load pod has reported ${lines.length} of ${count} seconds`);
      },
      { deadlineMs, everyMs: 100 },
    );
  await reach(2, MAX_SIGN_UP_MS);
  return {
    stop,
    /** Begins a phase. The returned function returns the seconds since. */
    begin: () => {
      const from = lines.length;
      return (): LoadLine[] => lines.slice(from);
    },
    /** Waits for the next whole seconds of load. */
    forSeconds: (seconds: number): Promise<void> => reach(lines.length + seconds, (seconds + 30) * 1000),
  };
};

export type Load = Awaited<ReturnType<typeof startLoad>>;
