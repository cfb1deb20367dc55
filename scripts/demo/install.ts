// The steps from a cluster to a service that passes `helm test`. Each can be repeated.

import { ensureKindCluster, reachCluster, requireRights, useCluster, whichCluster } from '../kubernetes/cluster.ts';
import { requireLoader } from '../kubernetes/images.ts';
import { helm, kubectl } from '../kubernetes/run.ts';
import { buildDemoImages, ensureImagesAreLoaded, REPOSITORY, VERSIONS } from './demo-images.ts';
import { ensureNamespace, ownNamespace } from '../kubernetes/own-namespace.ts';
import { ensureRelease, type Release } from './release.ts';
import type { Step } from './steps.ts';
import { awaitWorkloads, explainPods } from './workloads.ts';

const RIGHTS = [
  ['create', 'deployments.apps'],
  ['create', 'statefulsets.apps'],
  ['create', 'jobs.batch'],
  ['create', 'secrets'],
  ['create', 'roles.rbac.authorization.k8s.io'],
  ['create', 'pods', '--subresource=portforward'],
  ['list', 'endpointslices.discovery.k8s.io'],
] as const;

type Installation = { readonly namespace: string; readonly step: Step; readonly signal: AbortSignal };

const prepareCluster = async ({ namespace, signal }: Installation, note: (text: string) => void): Promise<void> => {
  const cluster = whichCluster();
  const isNew = cluster.from === 'kind' && (await ensureKindCluster(signal));
  useCluster(cluster);
  const { context, version } = await reachCluster(signal);
  note(`${context}, Kubernetes ${version}${isNew ? ', created' : ''}`);
  if ((await ownNamespace(namespace)) === undefined) await requireRights([['create', 'namespaces']]);
  await requireRights(RIGHTS, namespace);
  await requireLoader();
};

/** A volume keeps the data of PostgreSQL and Kafka while their pods are replaced; not every cluster has a class for it. */
const hasDefaultStorage = async (): Promise<boolean> =>
  (await kubectl(['get', 'storageclasses', '--output', 'jsonpath={.items[*].metadata.annotations}'])).includes(
    '"storageclass.kubernetes.io/is-default-class":"true"',
  );

const releases = async (namespace: string, images: readonly string[]): Promise<Release[]> => {
  const [version] = VERSIONS;
  const persistent = await hasDefaultStorage();
  const lean = (names: readonly string[]) => names.map((name) => `${name}.resources.requests.cpu=20m`);
  const dependencies = [
    `image=${REPOSITORY}:${version}`,
    'prometheus.enabled=true',
    `persistence.enabled=${persistent}`,
    ...lean(['postgres', 'redis', 'kafka', 'schemaRegistry', 'prometheus', 'setup']),
  ];
  // two pods each: one can be killed; another image with the same tag replaces the pods
  const replicas = ['api', 'relay', 'worker'].map((component) => `${component}.replicas=2`);
  const requests = lean(['api', 'relay', 'worker', 'migrations']); // so that a laptop with two CPUs has room for a roll-out
  const service = [`image.repository=${REPOSITORY}`, `image.tag=${version}`, ...replicas, ...requests];
  const annotation = `podAnnotations.image=${(images[0] ?? '').replace('sha256:', '').slice(0, 12)}`;
  return [
    {
      name: 'demo-dependencies',
      namespace,
      chart: 'helm/demo-dependencies',
      args: ['--set', dependencies.join(',')],
    },
    {
      name: 'users',
      namespace,
      chart: 'helm/user-service',
      args: [
        ...['--values', 'helm/user-service/values-dev.yaml'],
        ...['--set', service.join(','), '--set-string', annotation],
      ],
    },
  ];
};

const installReleases = async (
  { namespace, step, signal }: Installation,
  options: { images: readonly string[]; always: boolean },
): Promise<boolean> => {
  const outcomes: string[] = [];
  for (const release of await releases(namespace, options.images)) {
    await step(release.name, async (note) => {
      note(release.chart);
      const outcome = await explainPods(namespace, () => ensureRelease(release, { ...options, signal }));
      note(outcome);
      outcomes.push(outcome);
    });
  }
  await step('pods', () => explainPods(namespace, () => awaitWorkloads(namespace, signal)));
  return outcomes.includes('unchanged');
};

const testRelease = ({ namespace, step, signal }: Installation): Promise<void> =>
  step('helm test', async (note) => {
    await helm(['test', 'users', '--namespace', namespace, '--timeout', '3m'], { signal });
    note('registered a user, logged in, placed an order, saw it confirmed');
  });

/** @throws CommandError | ClusterError with one sentence that says what is wrong */
export const install = async (installation: Installation): Promise<void> => {
  const { namespace, step, signal } = installation;
  await step('cluster', (note) => prepareCluster(installation, note));
  await step('namespace', async (note) => {
    note((await ensureNamespace(namespace, signal)) ? `${namespace}, created` : namespace);
  });
  const images = await step('build images', async (note) => {
    note(VERSIONS.map((version) => `${REPOSITORY}:${version}`).join(', '));
    return buildDemoImages(signal);
  });
  await step('load images', async (note) => {
    note((await ensureImagesAreLoaded(namespace, images, signal)) ? 'loaded' : 'already there');
  });
  const someUnchanged = await installReleases(installation, { images, always: false });
  try {
    await testRelease(installation);
  } catch (error) {
    if (!someUnchanged || signal.aborted) throw error;
    // e.g. the pod of PostgreSQL was deleted and its data with it: what Helm takes for installed does not work
    await installReleases(installation, { images, always: true });
    await testRelease(installation);
  }
};
