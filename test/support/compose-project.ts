// Removes what Docker Compose has made, by the labels that it sets: also when the files that it was made from are gone.

import { docker } from './docker-command.ts';

type Kind = 'container' | 'volume' | 'network';

/** With a container its anonymous volumes. */
const HOW: Readonly<Record<Kind, readonly string[]>> = {
  container: ['--force', '--volumes'],
  volume: ['--force'],
  network: [],
};

const idsOf = async (kind: Kind, filter: string): Promise<string[]> => {
  const all = kind === 'container' ? ['--all'] : [];
  return (await docker([kind, 'ls', ...all, '--quiet', '--filter', filter])).split('\n').filter(Boolean);
};

const remove = async (kind: Kind, project: string): Promise<void> => {
  const ids = await idsOf(kind, `label=com.docker.compose.project=${project}`);
  if (ids.length > 0) await docker([kind, 'rm', ...HOW[kind], ...ids]); // eslint-disable-line security/detect-object-injection -- a name of the type
};

/** Containers, volumes and networks of a project, and the images that are named after it. */
export const removeProject = async (project: string): Promise<void> => {
  await remove('container', project);
  await remove('volume', project);
  await remove('network', project);
  const images = await docker(['image', 'ls', '--quiet', '--filter', `reference=${project}/*`]);
  if (images !== '') await docker(['image', 'rm', '--force', ...new Set(images.split('\n'))]);
};

/** The ids of what is left of it. */
export const leftOf = async (project: string): Promise<string[]> => {
  const kinds: readonly Kind[] = ['container', 'volume', 'network'];
  const found = kinds.map((kind) => idsOf(kind, `label=com.docker.compose.project=${project}`));
  const images = await docker(['image', 'ls', '--quiet', '--filter', `reference=${project}/*`]);
  return [...(await Promise.all(found)).flat(), ...images.split('\n').filter(Boolean)];
};
