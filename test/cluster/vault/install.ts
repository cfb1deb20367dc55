// Installs vault.yaml into the namespace VAULT_NAMESPACE for the pods of the namespace NAMESPACE, or removes it (--remove). Nodes pull the official images;
// where VAULT and VAULT_K8S name the programs, images are made of them.

import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { env } from 'node:process';

import { loadImages } from '../../../scripts/kubernetes/images.ts';
import { kubectl, run } from '../../../scripts/kubernetes/run.ts';
import { variable } from '../../../src/config/environment.ts';

const OFFICIAL = { vault: 'hashicorp/vault:1.21.4', injector: 'hashicorp/vault-k8s:1.7.6' };

/** Of the service, so that its layers are there already. It has a shell, which the injected containers need. */
const baseImage = async (): Promise<string> =>
  /^ARG NODE_IMAGE=(.+)$/m.exec(await readFile(join(import.meta.dirname, '../../../Dockerfile'), 'utf8'))?.[1] ?? '';

/** An image with the program in /bin. The rest of its folder is not sent to Docker. @returns its name */
const makeImage = async (program: string, name: string, tag: string): Promise<string> => {
  const image = `user-service-${name}:${tag}`;
  const input = [
    `FROM ${await baseImage()}`,
    `COPY ${basename(program)} /bin/${name}`,
    `ENTRYPOINT ["/bin/${name}"]`,
  ].join('\n');
  const args = ['build', '--quiet', '--tag', image, '--file', '-', dirname(await realpath(program))];
  await run('docker', args, { quiet: true, input });
  return image;
};

const provideImages = async (): Promise<typeof OFFICIAL> => {
  const [vault, injector] = [variable(env, 'VAULT'), variable(env, 'VAULT_K8S')];
  if (vault === undefined || injector === undefined) return OFFICIAL;
  const images = {
    vault: await makeImage(vault, 'vault', '1.21.4'),
    injector: await makeImage(injector, 'vault-k8s', '1.7.6'),
  };
  await loadImages(Object.values(images));
  return images;
};

const install = async (namespace: string, served: string): Promise<void> => {
  const images = await provideImages();
  const text = await readFile(join(import.meta.dirname, 'vault.yaml'), 'utf8');
  const input = text
    .replaceAll('__NAMESPACE__', namespace)
    .replaceAll('__SERVED__', served)
    .replaceAll('__VAULT_IMAGE__', images.vault)
    .replaceAll('__INJECTOR_IMAGE__', images.injector);
  await kubectl(['create', 'namespace', namespace]);
  await kubectl(['apply', '--namespace', namespace, '--filename', '-'], { input });
  for (const workload of ['statefulset/vault', 'deployment/vault-agent-injector'])
    await kubectl(['rollout', 'status', workload, '--namespace', namespace, '--timeout=3m']);
};

const remove = async (namespace: string): Promise<void> => {
  const kinds = 'mutatingwebhookconfiguration,clusterrolebinding,clusterrole';
  await kubectl(['delete', kinds, '--selector', `user-service/test-vault=${namespace}`]);
  await kubectl(['delete', 'namespace', namespace, '--ignore-not-found', '--wait=false']);
};

const namespace = variable(env, 'VAULT_NAMESPACE') ?? '';
if (process.argv.includes('--remove')) await remove(namespace);
else await install(namespace, variable(env, 'NAMESPACE') ?? '');
