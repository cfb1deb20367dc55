// Two versions of the same code, so that a roll-out can be shown. Their name is the demo's own: no other image is replaced or removed.

import { CommandError, kubectl, run } from '../kubernetes/run.ts';
import { areOnNodes, buildImage, loadImages } from '../kubernetes/images.ts';

export const REPOSITORY = 'user-service-demo';
export const VERSIONS = ['0.1.0', '0.2.0'] as const;

const TAGS = VERSIONS.map((version) => `${REPOSITORY}:${version}`);

/** Annotation of the namespace: ids of the images that were loaded into the cluster. */
const LOADED = 'user-service-demo/loaded-images';

const idOf = (tag: string): Promise<string> =>
  run('docker', ['image', 'inspect', '--format', '{{.Id}}', tag], { quiet: true });

/** @returns the ids of the images, in the order of VERSIONS */
export const buildDemoImages = async (signal?: AbortSignal): Promise<string[]> => {
  for (const version of VERSIONS) await buildImage(`${REPOSITORY}:${version}`, version, signal);
  return Promise.all(TAGS.map(idOf));
};

const loadedIds = (namespace: string): Promise<string> => {
  const path = LOADED.replaceAll('.', String.raw`\.`);
  return kubectl(['get', 'namespace', namespace, '--output', `jsonpath={.metadata.annotations.${path}}`]);
};

/**
 * Loads the images into the cluster unless these very images are there.
 * @returns whether they were loaded
 */
export const ensureImagesAreLoaded = async (
  namespace: string,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<boolean> => {
  const wanted = ids.join(',');
  if ((await loadedIds(namespace)) === wanted && (await areOnNodes(TAGS))) return false;
  await loadImages(TAGS, signal);
  await kubectl(['annotate', 'namespace', namespace, `${LOADED}=${wanted}`, '--overwrite']);
  return true;
};

/** Removes the images from Docker. @returns those that were there */
export const removeImages = async (): Promise<string[]> => {
  const removed: string[] = [];
  for (const tag of TAGS) {
    try {
      await run('docker', ['image', 'rm', tag], { quiet: true });
      removed.push(tag);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error; // not there, or no Docker: nothing to remove
    }
  }
  return removed;
};
