import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { freePort } from '../free-port.ts';
import { run } from './cache.ts';
import type { RegistryServer, Running } from '../servers.ts';
import { makeDataDirectory } from './data-directory.ts';
import { startJava, type JavaProcess } from './java-process.ts';
import { fetchProgram, withClassArchive } from './java-program.ts';
import { makeRestartable, type Restartable } from './restartable.ts';

const urlOf = (port: number): string => `http://127.0.0.1:${port}/apis/ccompat/v7`;

const unpack = async (folder: string): Promise<void> => {
  const archive = join(folder, 'registry.tar.gz');
  await run('tar', ['-xzf', archive, '-C', folder]);
  await rm(archive);
};

const fetchRegistry = async (): Promise<string> => {
  const title = 'the schema registry (109 MB)';
  const folder = await fetchProgram({ name: 'registry', title, goal: 'copy@registry', finish: unpack });
  const jar = (await readdir(folder)).find((file) => file.endsWith('-runner.jar'));
  return join(folder, jar ?? 'no-runner.jar');
};

type Place = { readonly directory: string; readonly port: number };

const launch = (jar: string, { directory, port }: Place, flags: string[]): Promise<JavaProcess> => {
  const settings = {
    'quarkus.http.host': '127.0.0.1',
    'quarkus.http.port': port,
    'apicurio.datasource.url': `jdbc:h2:file:${join(directory, 'registry')};WRITE_DELAY=0`,
  };
  return startJava({
    name: 'The schema registry',
    args: [...flags, ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`), '-jar', jar],
    ready: async () => {
      const { ok } = await fetch(`${urlOf(port)}/subjects`, { signal: AbortSignal.timeout(5000) });
      if (!ok) throw new Error('not yet');
    },
  });
};

const trialRun = async (jar: string, flag: string): Promise<JavaProcess> => {
  const directory = await makeDataDirectory('registry');
  const running = await launch(jar, { directory: directory.path, port: await freePort() }, [flag]);
  return { ...running, end: (signal) => running.end(signal).finally(directory.remove) };
};

export type NativeRegistry = Restartable & RegistryServer & { readonly port: number };

/**
 * Starts a separate schema registry (Apicurio, with its Confluent API) that a test can stop and restart.
 * @param options port: default a free one
 * @throws with the reason when Java 17 or Maven is missing, or when it does not start
 */
export const startNativeRegistry = async (options: { readonly port?: number } = {}): Promise<NativeRegistry> => {
  const jar = await fetchRegistry();
  const archive = await withClassArchive('registry', (flag) => trialRun(jar, flag));
  const directory = await makeDataDirectory('registry');
  const { port = await freePort() } = options;
  const start = (): Promise<JavaProcess> => launch(jar, { directory: directory.path, port }, [archive]);
  return { ...(await makeRestartable(start, directory.remove)), port, url: urlOf(port) };
};

export const nativeRegistry = async (): Promise<Running<RegistryServer>> => {
  const { url, close } = await startNativeRegistry();
  return { server: { url }, stop: close };
};
