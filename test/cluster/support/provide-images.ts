// The images of a run on the nodes: two releases of the service, and the servers of helm/demo-dependencies as far as Docker has them.

import { buildImage, requireLoader } from '../../../scripts/kubernetes/images.ts';
import { run } from '../../../scripts/kubernetes/run.ts';
import { loadExisting, serverImages } from '../../../scripts/kubernetes/server-images.ts';
import type { Images } from './installation.ts';

/** Builds one image and gives it two tags: what differs between the two releases is the version that the pods report. */
export const provideImages = async (print: (line: string) => void, signal: AbortSignal): Promise<Images> => {
  await requireLoader();
  const [repository, current, next] = ['user-service', '0.0.0-cluster.1', '0.0.0-cluster.2'];
  const releases = [current, next].map((tag) => `${repository}:${tag}`);
  print('▶ docker build');
  await buildImage(`${repository}:${current}`, current, signal);
  await run('docker', ['tag', ...releases], { quiet: true, signal });
  await loadExisting([...releases, ...serverImages()], print, signal);
  return { repository, current, next };
};
