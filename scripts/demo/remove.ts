// `--down`: removes what `npm run demo:kind` made. What has not its label stays.

import {
  kindClusterExists,
  ownsKindCluster,
  reachCluster,
  removeKindCluster,
  useCluster,
  whichCluster,
} from '../kubernetes/cluster.ts';
import { removeImages } from './demo-images.ts';
import { deleteNamespace } from '../kubernetes/own-namespace.ts';
import type { Step } from './steps.ts';

const removeNamespace = (namespace: string, step: Step, signal: AbortSignal): Promise<void> =>
  step('namespace', async (note) => {
    note((await deleteNamespace(namespace, signal)) ? `${namespace}, deleted` : `${namespace}, was not there`);
  });

export const remove = async (namespace: string, step: Step, signal: AbortSignal): Promise<void> => {
  const cluster = whichCluster();
  if (cluster.from === 'kubeconfig') {
    await step('cluster', async (note) => {
      note((await reachCluster(signal)).context);
    });
    await removeNamespace(namespace, step, signal);
  } else if (await kindClusterExists()) {
    useCluster(cluster);
    if (await ownsKindCluster())
      await step('cluster', (note) =>
        removeKindCluster(signal).then(() => {
          note(`${cluster.name}, deleted`);
        }),
      );
    else await removeNamespace(namespace, step, signal);
  } else {
    await step('cluster', (note) => {
      note(`${cluster.name}, was not there`);
      return Promise.resolve();
    });
  }
  await step('images', async (note) => {
    const removed = await removeImages();
    note(removed.length === 0 ? 'none in Docker' : `${removed.join(', ')} removed from Docker`);
  });
  if (cluster.from === 'kubeconfig') {
    process.stdout.write('\n  The nodes keep the images that were loaded until the kubelet needs the space.\n');
  }
};
