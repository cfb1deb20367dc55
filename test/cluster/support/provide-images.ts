// The images of a run on the nodes: two releases of the service, and the servers of helm/demo-dependencies as far as Docker has them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

import { buildImage, loadImage, requireLoader } from '../../../scripts/kubernetes/images.ts';
import { run } from '../../../scripts/kubernetes/run.ts';
import type { Images } from './installation.ts';

const VALUES = join(import.meta.dirname, '../../../helm/demo-dependencies/values.yaml');
const SERVERS = ['postgres', 'redis', 'kafka', 'schemaRegistry', 'prometheus'];

const serverImages = (): string[] => {
  const values = parse(readFileSync(VALUES, 'utf8')) as Readonly<Record<string, { readonly image: string }>>;
  return Object.entries(values).flatMap(([name, { image }]) => (SERVERS.includes(name) ? [image] : []));
};

const isInDocker = (image: string): Promise<boolean> =>
  run('docker', ['image', 'inspect', image], { quiet: true }).then(
    () => true,
    () => false, // the nodes pull it
  );

/** Loads the images that Docker has. */
const loadImages = async (
  images: readonly string[],
  print: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> => {
  for (const image of images) {
    if (!(await isInDocker(image))) continue;
    await loadImage(image, signal);
    print(`✓ ${image} is on the nodes`);
  }
};

/** For nodes that cannot pull: the images of helm/demo-dependencies that Docker has. */
export const provideServerImages = (print: (line: string) => void): Promise<void> => loadImages(serverImages(), print);

/** Builds one image and gives it two tags: what differs between the two releases is the version that the pods report. */
export const provideImages = async (print: (line: string) => void, signal: AbortSignal): Promise<Images> => {
  await requireLoader();
  const [repository, current, next] = ['user-service', '0.0.0-cluster.1', '0.0.0-cluster.2'];
  const releases = [current, next].map((tag) => `${repository}:${tag}`);
  print('▶ docker build');
  await buildImage(`${repository}:${current}`, current, signal);
  await run('docker', ['tag', ...releases], { quiet: true, signal });
  await loadImages([...releases, ...serverImages()], print, signal);
  return { repository, current, next };
};
