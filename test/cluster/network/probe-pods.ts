// Pods that listen on the ports of the matrix and connect to each other: the labels of each component, the service's image, no application.

import { env } from 'node:process';

import { variable } from '../../../src/config/environment.ts';
import { apply, helm, kubectl } from '../../../scripts/kubernetes/run.ts';
import { COMPONENTS, PEERS, PORTS, type Cell } from './cells.ts';

const RELEASE = 'users';
const CHART = 'helm/user-service';
const IMAGE = variable(env, 'NETWORK_IMAGE') ?? 'user-service:0.1.0';
const CONNECT_MS = 1500;

/** Accepts every connection on every port until it is ended. */
const LISTEN = `
for (const port of ${JSON.stringify(PORTS)}) require('node:net').createServer((socket) => socket.end()).listen(port, '0.0.0.0');
process.once('SIGTERM', () => process.exit(0));`;

/** Argument: JSON list of [name, host, port]. Prints the names that connect, as JSON; a host that has no address does not. */
const CONNECT = `
const tries = JSON.parse(process.argv[1]).map(([name, host, port]) => new Promise((resolve) => {
  if (name.includes('→dns:')) return require('node:dns').lookup(host, (error) => resolve(error ? [] : [name]));
  const socket = require('node:net').connect({ host, port });
  const end = (names) => { socket.destroy(); resolve(names); };
  socket.once('connect', () => end([name])).once('error', () => end([])).setTimeout(${CONNECT_MS}, () => end([]));
}));
Promise.all(tries).then((names) => console.log(JSON.stringify(names.flat())));`;

const labelsOf = (name: string): Record<string, string> =>
  COMPONENTS.includes(name)
    ? {
        'app.kubernetes.io/name': 'user-service',
        'app.kubernetes.io/instance': RELEASE,
        'app.kubernetes.io/component': name,
      }
    : { 'network-probe': name };

const NAMED_PORTS = [
  { name: 'http', containerPort: 8080 },
  { name: 'management', containerPort: 8081 },
];

const podOf = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: labelsOf(name) },
  spec: {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'probe',
        image: IMAGE,
        command: ['node', '-e', LISTEN],
        ports: NAMED_PORTS.slice(name === 'api' ? 0 : 1),
        resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '96Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  },
});

/** One pod for each component and peer. Resolves when all listen. */
export const startProbePods = async (namespace: string): Promise<void> => {
  await apply(namespace, ...[...COMPONENTS, ...PEERS].map(podOf));
  await kubectl(['wait', '--namespace', namespace, '--for=condition=Ready', 'pods', '--all', '--timeout=120s']);
};

const peer = (name: string): object[] => [{ podSelector: { matchLabels: { 'network-probe': name } } }];

const VALUES = {
  networkPolicy: {
    allowAnyPeer: false,
    callers: peer('caller'),
    monitoring: peer('monitoring'),
    dependencies: {
      postgres: peer('postgres'),
      redis: peer('redis'),
      kafka: peer('kafka'),
      schemaRegistry: peer('schema-registry'),
      datadog: peer('datadog'),
    },
  },
  schemaRegistry: { url: 'https://schema-registry:8085/apis/ccompat/v7' },
  datadog: { mode: 'node-agent' },
};

/** The network policies of the chart, with the probe pods as peers. */
export const applyPolicies = async (namespace: string): Promise<void> => {
  const rendered = await helm(
    [
      ...['template', RELEASE, CHART, '--namespace', namespace, '--show-only', 'templates/networkpolicy.yaml'],
      ...['--values', `${CHART}/values-dev.yaml`, '--values', '-'],
    ],
    { input: JSON.stringify(VALUES) },
  );
  await kubectl(['apply', '--namespace', namespace, '--filename', '-'], { input: rendered });
};

const DENY_ALL = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny-all' },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
};

export const denyAll = (namespace: string): Promise<string> => apply(namespace, DENY_ALL);
export const allowAll = (namespace: string): Promise<string> =>
  kubectl(['delete', 'networkpolicy', 'deny-all', '--namespace', namespace]);

const addressesOf = async (namespace: string): Promise<Map<string, string>> => {
  const path = '{range .items[*]}{.metadata.name} {.status.podIP}{"\\n"}{end}';
  const lines = await kubectl(['get', 'pods', '--namespace', namespace, '--output', `jsonpath=${path}`]);
  const pairs = lines.split('\n').map((line) => line.split(' ') as [string, string]);
  return new Map([...pairs, ['dns', 'kubernetes.default.svc.cluster.local']]);
};

/** Tries all cells at once, each from the pod of its name. @returns `from→to:port` of each connection that was made */
export const tryCells = async (namespace: string, cells: readonly Cell[]): Promise<Set<string>> => {
  const addresses = await addressesOf(namespace);
  const results = await Promise.all(
    Map.groupBy(cells, ({ from }) => from)
      .entries()
      .map(async ([from, ofPod]) => {
        const tries = ofPod.map(({ to, port }) => [`${from}→${to}:${port}`, addresses.get(to), port]);
        const args = ['exec', '--namespace', namespace, from, '--', 'node', '-e', CONNECT, JSON.stringify(tries)];
        return JSON.parse(await kubectl(args)) as string[];
      }),
  );
  return new Set(results.flat());
};
