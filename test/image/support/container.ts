// The image as a platform runs it: nothing to write to, no capability, no way out to a network, and secrets as files.

import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { docker } from '../../support/docker-command.ts';

const MAKE_SECRETS = join(import.meta.dirname, '../../../compose/make-secrets.ts');
const FOLDERS = ['postgres', 'redis', 'migrations', 'api', 'events', 'notification-service'];

/** Read-only, as a user that the image may not know has to: `docker run` options. */
export const HARDENED = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges:true'];

/** Every shell of the base, replaced by an empty file: what needs one fails. */
const noShells = (empty: string): string[] =>
  ['dash', 'bash'].flatMap((shell) => ['--mount', `type=bind,source=${empty},target=/usr/bin/${shell},readonly`]);

export type Container = {
  readonly id: string;
  /** E.g. `{{.State.Health.Status}}`. */
  readonly inspect: (format: string) => Promise<string>;
};

/** Starts the API of `image`; no server is there for it to find. `remove` takes everything away again. */
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
