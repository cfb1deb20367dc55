// Where a `redis-server` comes from on a machine that has none: Debian's packages unpacked beside the project (nothing is
// installed), or the binary in a jar of Maven Central. Both end in the cache of cache.ts.

import { access, chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { cached, run, runMaven } from './cache.ts';

/** `libraries` is the folder of its shared libraries. */
export type RedisBinary = { readonly path: string; readonly libraries?: string };

const JAR = 'com.github.codemonstur:embedded-redis:1.4.4';
const UNPACK = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack';

/** Downloads and unpacks the packages that `redis-server` needs and this system lacks, with separate package lists. */
const unpackDebian = async (folder: string): Promise<void> => {
  const [lists, archives] = [join(folder, 'lists'), join(folder, 'archives')];
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(archives, 'partial'), { recursive: true });
  const directories = [
    `Dir::State::lists=${lists}`,
    `Dir::Cache::archives=${archives}`,
    'Dir::Cache::pkgcache=',
    'Dir::Cache::srcpkgcache=',
  ];
  const options = [...directories, 'Debug::NoLocking=1', 'APT::Sandbox::User=root'].flatMap((option) => ['-o', option]);
  await run('apt-get', ['update', ...options], folder);
  const download = ['install', '--download-only', '--yes', '--no-install-recommends'];
  await run('apt-get', [...download, ...options, 'redis-server'], folder);
  for (const name of await readdir(archives)) {
    if (name.endsWith('.deb')) await run('dpkg', ['-x', join(archives, name), folder], folder);
  }
  await Promise.all([lists, archives].map((path) => rm(path, { recursive: true })));
  await access(join(folder, 'usr/bin/redis-server'));
};

const debian = async (): Promise<RedisBinary> => {
  const folder = await cached('redis-debian', unpackDebian);
  const triplet = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  return { path: join(folder, 'usr/bin/redis-server'), libraries: join(folder, 'usr/lib', triplet) };
};

const maven = async (): Promise<RedisBinary> => {
  const folder = await cached('redis-maven', async (draft) => {
    await runMaven([UNPACK, `-Dartifact=${JAR}`, `-DoutputDirectory=${draft}`], draft);
  });
  const system = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const name = (await readdir(folder)).find((file) => file.startsWith('redis-server') && file.includes(system));
  if (name === undefined) throw new Error(`${JAR} has no binary for ${system}`);
  await chmod(join(folder, name), 0o755);
  return { path: join(folder, name) };
};

export const onPath = (): Promise<RedisBinary> => Promise.resolve({ path: 'redis-server' });
export const fetchers: readonly (() => Promise<RedisBinary>)[] = [debian, maven];
