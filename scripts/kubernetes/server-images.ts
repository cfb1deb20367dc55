// The images of helm/demo-dependencies on the nodes, for nodes that cannot pull.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

import { areOnNodes, loadImage } from './images.ts';
import { run } from './run.ts';

const VALUES = join(import.meta.dirname, '../../helm/demo-dependencies/values.yaml');
const SERVERS = ['postgres', 'redis', 'kafka', 'schemaRegistry', 'prometheus'];

export const serverImages = (): string[] => {
  const values = parse(readFileSync(VALUES, 'utf8')) as Readonly<Record<string, { readonly image: string }>>;
  return Object.entries(values).flatMap(([name, { image }]) => (SERVERS.includes(name) ? [image] : []));
};

const isInDocker = (image: string): Promise<boolean> =>
  run('docker', ['image', 'inspect', image], { quiet: true }).then(
    () => true,
    () => false, // the nodes pull it
  );

/** Loads the images that Docker has. */
export const loadExisting = async (
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

/** Loads those that Docker has and that some node does not list. */
export const provideServerImages = async (print: (line: string) => void): Promise<void> => {
  for (const image of serverImages()) if (!(await areOnNodes([image]))) await loadExisting([image], print);
};
