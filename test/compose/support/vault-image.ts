// The image of Vault: the official one when it is here or can be pulled; otherwise, for this machine only, one with the program that .ci/engine finds.

import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { provide } from '../../../scripts/provide.ts';
import { docker } from '../../support/docker-command.ts';

/** As docker-compose.yml names it. */
export const VAULT_IMAGE = 'hashicorp/vault:1.21.4';

/** With the folders and the account of the official image. */
const DOCKERFILE = `
FROM debian:bookworm-slim
RUN mkdir -p /vault/file /vault/logs && chown -R 100:1000 /vault
COPY vault /bin/vault
VOLUME /vault/file /vault/logs
ENTRYPOINT ["vault"]
`;

const build = async (program: string): Promise<void> => {
  const context = await mkdtemp(join(tmpdir(), 'user-service-vault-image-'));
  try {
    await copyFile(program, join(context, 'vault'));
    await writeFile(join(context, 'Dockerfile'), DOCKERFILE);
    await docker(['build', '--quiet', '--tag', VAULT_IMAGE, context]);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
};

/** @returns which one it is, or the reason why there is none */
export const prepareVaultImage = async (): Promise<{ readonly image?: string; readonly reason?: string }> => {
  try {
    await docker(['image', 'inspect', VAULT_IMAGE]);
    return { image: 'the image on this machine' };
  } catch {
    // it can be pulled, or built
  }
  try {
    await docker(['pull', '--quiet', VAULT_IMAGE]);
    return { image: 'the official image' };
  } catch {
    const provided = provide('vault');
    if (typeof provided === 'string') return { reason: `${VAULT_IMAGE} can not be pulled, and ${provided}` };
    await build(provided.VAULT ?? 'vault');
    return { image: 'a stand-in for the official image' };
  }
};
