// What a drill and an operator can do to the native stack.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ROOT, SERVERS, type Part, type Process, type Server, type Stack } from '../stack.ts';
import { FOLDER } from './address.ts';
import { groupOf, type Groups } from './process-group.ts';
import type { SecretFiles } from './secret-files.ts';
import { serverOf, type ManagedServers } from './servers.ts';
import { makeStores } from './stores.ts';

export const LOGS = join(FOLDER, 'logs');
export const logFileOf = (process: Process): string => join(LOGS, `${process}.log`);

type Deps = {
  readonly servers: ManagedServers;
  readonly groups: Groups;
  readonly secrets: SecretFiles;
  readonly apiUrl: string;
  readonly variables: Readonly<Record<string, string>>;
};

const isServer = (part: Part): part is Server => SERVERS.some((server) => server === part);

type Operations = Pick<Stack, 'kill' | 'pause' | 'resume' | 'start' | 'restart'>;

const ofServer = (servers: ManagedServers, name: Server) => {
  const server = serverOf(servers, name);
  return {
    ...server,
    resume: async (): Promise<void> => {
      if (server.state() === 'paused') await server.start();
    },
  };
};

const ofProcess = (groups: Groups, name: Process) => {
  const group = groupOf(groups, name);
  return {
    kill: async (): Promise<void> => {
      await group.endAll('SIGKILL');
    },
    pause: async (): Promise<void> => {
      group.pause();
      await Promise.resolve();
    },
    resume: async (): Promise<void> => {
      group.resume();
      await Promise.resolve();
    },
    start: async (): Promise<void> => {
      group.resume();
      group.launchMissing();
      await group.allReady();
    },
    restart: async (): Promise<void> => {
      await group.replaceAll();
      await group.allReady();
    },
  };
};

const operations = (servers: ManagedServers, groups: Groups): Operations => {
  const of = (part: Part) => (isServer(part) ? ofServer(servers, part) : ofProcess(groups, part));
  return {
    kill: (part) => of(part).kill(),
    pause: (part) => of(part).pause(),
    resume: (part) => of(part).resume(),
    start: (part) => of(part).start(),
    restart: (part) => of(part).restart(),
  };
};

export const makeNativeStack = ({ servers, groups, secrets, apiUrl, variables }: Deps): Stack => ({
  target: 'local',
  folder: ROOT,
  variables,
  apiUrl,
  ...operations(servers, groups),
  ...makeStores(servers),
  deploy: (process, env) => groupOf(groups, process).deploy(env),
  rollBack: (process) => groupOf(groups, process).rollBack(),
  scale: async (process, instances) => {
    await groupOf(groups, process).scale(instances);
    await groupOf(groups, process).allReady();
  },
  writeSecret: secrets.write,
  readSecret: secrets.read,
  writeFlags: (content) => writeFile(variables.FEATURE_FLAGS_FILE ?? '', content),
  output: (process) => readFile(logFileOf(process), 'utf8'),
});
