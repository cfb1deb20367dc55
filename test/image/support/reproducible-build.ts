// Builds an image reproducibly with SOURCE_DATE_EPOCH and BuildKit's rewrite-timestamp: https://reproducible-builds.org/docs/source-date-epoch/

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';

import { docker } from '../../support/docker-command.ts';

const BUILDER = `user-service-test-${process.pid}`;

type Builder = { readonly name: string; readonly remove: () => Promise<unknown> };

/** The builder that BUILDX_BUILDER names, or a new one in a container: the default builder cannot export OCI layouts. @throws Error */
export const findBuilder = async (): Promise<Builder> => {
  const { BUILDX_BUILDER: name = '' } = env;
  if (name !== '') return { name, remove: () => Promise.resolve() };
  const remove = () => docker(['buildx', 'rm', '--force', BUILDER]);
  try {
    await docker(['buildx', 'create', '--name', BUILDER, '--driver', 'docker-container', '--bootstrap']);
    return { name: BUILDER, remove };
  } catch (error) {
    await remove().catch(() => undefined);
    throw error;
  }
};

type Descriptor = { readonly digest: string };

/** Builds without cache. @returns the digests of the image's layers */
export const buildLayers = async (builder: string, epochSeconds: string): Promise<string[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'user-service-oci-'));
  const read = async (digest: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, 'blobs', digest.replace(':', '/')), 'utf8'));
  const output = `type=oci,tar=false,dest=${folder},rewrite-timestamp=true`;
  const options = ['--no-cache', '--provenance=false', '--quiet', '--output', output];
  try {
    await docker(['buildx', 'build', '--builder', builder, ...options, '.'], { SOURCE_DATE_EPOCH: epochSeconds });
    const index = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as { manifests: Descriptor[] };
    const { layers } = (await read(index.manifests[0]?.digest ?? '')) as { layers: Descriptor[] };
    return layers.map(({ digest }) => digest);
  } finally {
    await rm(folder, { recursive: true });
  }
};
