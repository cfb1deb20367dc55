// What must be true in the cluster after a block of docs/delivery.md or docs/vault-kubernetes.md; a block without a check only has to succeed.

import { kubectl } from './kubernetes/run.ts';

type Pod = {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
  readonly status: { readonly phase: string; readonly conditions?: readonly { type: string; status: string }[] };
};
type List<T> = { readonly items: readonly T[] };

/** Where a block is for: a cluster of kind, or any other one with servers and a registry of its own. */
export const TARGETS = ['kind', 'cluster'] as const;
export type Target = (typeof TARGETS)[number];

/** Reads the cluster. @throws Error with what is not as it should be */
export type Check = (namespace: string) => Promise<void>;

const OF_RELEASE = 'app.kubernetes.io/instance=users';
const KINDS = 'all,configmap,secret,serviceaccount,ingress,networkpolicy,poddisruptionbudget,horizontalpodautoscaler';

const requireThat = (fact: boolean, otherwise: string): void => {
  if (!fact) throw new Error(otherwise);
};

/** Without those that are being terminated. */
const podsOf = async (namespace: string, selector: string): Promise<readonly Pod[]> => {
  const text = await kubectl(['get', 'pods', '-n', namespace, '-l', `${OF_RELEASE},${selector}`, '-o', 'json']);
  return (JSON.parse(text) as List<Pod>).items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
};

const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;

/** Every process has ready pods of that version, and no pod of another one that is ready. */
const runs =
  (version: string, track = 'stable', components: readonly string[] = ['api', 'relay', 'worker']): Check =>
  async (namespace) => {
    for (const component of components) {
      const pods = await podsOf(namespace, `app.kubernetes.io/component=${component},track=${track}`);
      const ready = pods.filter(isReady);
      requireThat(ready.length > 0, `no pod of ${component} (${track}) is ready`);
      for (const { metadata, spec } of ready) {
        const image = spec.containers[0]?.image ?? '';
        requireThat(image.endsWith(`:${version}`), `${metadata.name} runs ${image}, not version ${version}`);
      }
    }
  };

/** A pod of `helm test` that has succeeded is deleted. Those of the CronJob of the journey belong to Jobs, and stay. */
const leavesNoTest: Check = async (namespace) => {
  const pods = await podsOf(namespace, 'app.kubernetes.io/component in (journey,health),!batch.kubernetes.io/job-name');
  const left = pods.map(({ metadata, status }) => `${metadata.name} (${status.phase})`);
  requireThat(left.length === 0, `helm test left ${left.join(', ')}`);
};

/** The Service of the api leads to both versions. */
const servesBoth: Check = async (namespace) => {
  await runs('0.1.0', 'stable')(namespace);
  await runs('0.2.0', 'canary', ['api'])(namespace);
  const slices = await kubectl([
    ...['get', 'endpointslices', '-n', namespace, '-l', 'kubernetes.io/service-name=users-api'],
    ...['-o', 'jsonpath={.items[*].endpoints[*].targetRef.name}'],
  ]);
  requireThat(slices.includes('users-api-canary-'), `the Service leads to ${slices}, not to the canary`);
};

const hasNoCanary: Check = async (namespace) => {
  requireThat(
    (await podsOf(namespace, 'track=canary')).every((pod) => !isReady(pod)),
    'the canary still runs',
  );
};

/** Switching it on leaves the number of pods as it was. */
const scales: Check = async (namespace) => {
  const path = 'jsonpath={.spec.minReplicas} {.spec.maxReplicas}';
  const bounds = await kubectl(['get', 'hpa', 'users-api', '-n', namespace, '-o', path]);
  requireThat(bounds === '2 4', `the autoscaler has the bounds ${bounds}, not 2 4`);
  const ready = (await podsOf(namespace, 'app.kubernetes.io/component=api')).filter(isReady);
  requireThat(ready.length >= 2, `${ready.length} pods of the api are ready, not 2`);
};

/** Every container of the release has started once. */
const restartedNothing: Check = async (namespace) => {
  const path = 'jsonpath={.items[*].status.containerStatuses[*].restartCount}';
  const restarts = await kubectl(['get', 'pods', '-n', namespace, '-l', OF_RELEASE, '-o', path]);
  requireThat(/^[0 ]+$/.test(restarts), `containers have restarted: ${restarts}`);
};

const isUninstalled: Check = async (namespace) => {
  const left = await kubectl(['get', KINDS, '-n', namespace, '-l', OF_RELEASE, '-o', 'name']);
  requireThat(left === '', `uninstalling left ${left.split('\n').join(', ')}`);
};

const isRemoved: Check = async (namespace) => {
  const left = await kubectl(['get', 'namespace', namespace, '--ignore-not-found', '-o', 'name']);
  requireThat(left === '', `${left} is still there`);
};

const all =
  (...checks: readonly Check[]): Check =>
  async (namespace) => {
    for (const check of checks) await check(namespace);
  };

/** By the name of a block. */
export const CHECKS: ReadonlyMap<string, Check> = new Map([
  ['install', runs('0.1.0')],
  ['test', leavesNoTest],
  ['upgrade', runs('0.2.0')],
  ['rollback', runs('0.1.0')],
  ['canary', servesBoth],
  ['promote', all(runs('0.2.0'), hasNoCanary)],
  ['autoscaling', scales],
  ['client', restartedNothing],
  ['uninstall', isUninstalled],
  ['remove', isRemoved],
]);
