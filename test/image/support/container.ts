// Runs the image hardened: read-only file system, no capabilities, no network, secrets as files.

import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { docker } from '../../support/docker-command.ts';

const MAKE_SECRETS = join(import.meta.dirname, '../../../compose/make-secrets.ts');
const FOLDERS = ['postgres', 'redis', 'migrations', 'api', 'events', 'notification-service'];

/** Options of `docker run`. */
export const HARDENED = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges:true'];

/** Replaces every shell of the base image by an empty file, so that anything that needs a shell fails. */
const noShells = (empty: string): string[] =>
  ['dash', 'bash'].flatMap((shell) => ['--mount', `type=bind,source=${empty},target=/usr/bin/${shell},readonly`]);

export type Container = {
  readonly id: string;
  /** E.g. `{{.State.Health.Status}}`. */
  readonly inspect: (format: string) => Promise<string>;
};

/** Starts the API of `image` without any of its servers. `remove` deletes the container and its secrets. */
export const startApi = async (image: string): Promise<Container & { remove: () => Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'user-service-image-'));
  await chmod(folder, 0o755);
  for (const name of FOLDERS) await mkdir(join(folder, name));
  await promisify(execFile)(process.execPath, [MAKE_SECRETS, folder]);
  const empty = join(folder, 'empty');
  await writeFile(empty, '');
  const secrets = ['--volume', `${join(folder, 'api')}:/run/secrets:ro`, '--env', 'DD_ENV=image-test'];
  const id = await docker(['run', '--detach', '--network', 'none', ...HARDENED, ...noShells(empty), ...secrets, image]);
  return {
    id,
    inspect: (format) => docker(['inspect', '--format', format, id]),
    remove: async () => {
      await docker(['rm', '--force', '--volumes', id]);
      await rm(folder, { recursive: true });
    },
  };
};
