// Volumes for PostgreSQL and Kafka, whose data must survive the deletion of their pods. Where the cluster has a default StorageClass it provides them.
// Otherwise: folders of one node, which a pod makes and empties.

import { apply, kubectl } from './run.ts';

const CLAIMS = ['postgres', 'kafka'];
const STORAGE_OF = 'user-service/storage-of';

const hasDefaultClass = async (): Promise<boolean> => {
  const annotation = 'storageclass\\.kubernetes\\.io/is-default-class';
  const format = `--output=jsonpath={.items[*].metadata.annotations.${annotation}}`;
  return (await kubectl(['get', 'storageclasses', format])).includes('true');
};

/** Any member of the cluster's users may write: the servers run as different users, and a hostPath has no fsGroup. */
const keeperOf = (image: string, folder: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'storage' },
  spec: {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'storage',
        image,
        command: [
          'sh',
          '-c',
          `cd /folder && mkdir -p ${CLAIMS.join(' ')} && chmod 777 ${CLAIMS.join(' ')} && touch ready && exec sleep infinity`,
        ],
        readinessProbe: { exec: { command: ['test', '-f', '/folder/ready'] }, periodSeconds: 1 },
        securityContext: { runAsUser: 0 },
        volumeMounts: [{ name: 'folder', mountPath: '/folder' }],
      },
    ],
    volumes: [{ name: 'folder', hostPath: { path: folder, type: 'DirectoryOrCreate' } }],
  },
});

const volumeOf = (namespace: string, claim: string, folder: string, node: string) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: `${namespace}-${claim}`, labels: { [STORAGE_OF]: namespace } },
  spec: {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '1Gi' },
    persistentVolumeReclaimPolicy: 'Retain',
    claimRef: { namespace, name: claim },
    hostPath: { path: `${folder}/${claim}` },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }],
      },
    },
  },
});

const emptyFolder = async (namespace: string): Promise<void> => {
  const inNamespace = ['--namespace', namespace];
  const keeper = await kubectl(['get', 'pod', 'storage', ...inNamespace, '--ignore-not-found', '--output=name']);
  if (keeper === '') return;
  const servers = CLAIMS.map((claim) => `statefulset/${claim}`);
  const afterTheirPods = ['--ignore-not-found', '--cascade=foreground', '--timeout=90s'];
  await kubectl(['delete', ...servers, ...inNamespace, ...afterTheirPods]);
  await kubectl(['exec', ...inNamespace, 'storage', '--', 'sh', '-c', 'rm -rf /folder/*']);
};

/** Removes the volumes that `provideStorage` has made, if there are any. The namespace must still be there. */
export const removeStorage = async (namespace: string): Promise<void> => {
  await emptyFolder(namespace);
  await kubectl(['delete', 'persistentvolumes', '--selector', `${STORAGE_OF}=${namespace}`, '--wait=false']);
};

/**
 * @param image any image with a shell
 * @returns how to remove the volumes
 */
export const provideStorage = async (namespace: string, image: string): Promise<() => Promise<void>> => {
  if (await hasDefaultClass()) return () => Promise.resolve();
  const inNamespace = ['--namespace', namespace];
  const folder = `/var/lib/${namespace}`;
  await apply(namespace, keeperOf(image, folder));
  await kubectl(['wait', ...inNamespace, 'pod/storage', '--for=condition=Ready', '--timeout=60s']);
  const node = await kubectl(['get', 'pod', 'storage', ...inNamespace, '--output=jsonpath={.spec.nodeName}']);
  await apply(namespace, ...CLAIMS.map((claim) => volumeOf(namespace, claim, folder, node)));
  return () => removeStorage(namespace);
};
