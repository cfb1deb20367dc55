// The secret files of the api: they are in a volume, and only the service `secrets` may write to it.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import type { Stack } from '../stack.ts';
import type { Compose } from './operate.ts';

const OWNER_ONLY = 0o600;
/** By renaming: a reader sees either the old or the new content. The former file is read-only. */
const REPLACE =
  'const [, path] = process.argv; fs.writeFileSync(path + ".new", fs.readFileSync(0)); fs.renameSync(path + ".new", path)';
const READ = 'process.stdout.write(fs.readFileSync(process.argv[1]))';
const EXISTS = 'process.stdout.write(String(fs.existsSync(process.argv[1])))';

/** @param folder for the content that a file had before it was last replaced; is replaced itself */
export const makeSecrets = (compose: Compose, folder: string) => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let previous: string | undefined;

  const inApi = (script: string, file: string): Promise<string> =>
    compose(['exec', '-T', 'api', 'node', '-e', script, `/run/secrets/${basename(file)}`]);
  const keep = async (file: string): Promise<void> => {
    if ((await inApi(EXISTS, file)) !== 'true') return;
    previous = join(folder, basename(file));
    writeFileSync(previous, await inApi(READ, file), { mode: OWNER_ONLY });
  };
  const write: Stack['writeSecret'] = async (file, content) => {
    await keep(file);
    const node = ['run', '--rm', '--no-deps', '--entrypoint', 'node', '-T', 'secrets', '-e', REPLACE];
    await compose([...node, `/secrets/api/${basename(file)}`], content);
  };
  return {
    read: (file: string): Promise<string> => inApi(READ, file),
    write,
    /** The content before the last change, undefined before the first one. */
    previous: (): string | undefined => previous,
  };
};

export type Secrets = ReturnType<typeof makeSecrets>;
