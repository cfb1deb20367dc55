// docker-compose.yml with a project name and ports of its own, so that it does not conflict with other containers of this Docker engine.

import { execFile } from 'node:child_process';
import { env } from 'node:process';
import { promisify } from 'node:util';

import { removeProject } from '../../support/compose-project.ts';
import { docker, dockerLines } from '../../support/docker-command.ts';
import { freePort } from '../../support/free-port.ts';

type Row = { readonly Service: string; readonly State: string; readonly Health: string; readonly ExitCode: number };
type Mount = { readonly Type: string; readonly Name?: string };

type ComposeConfig = {
  readonly services: Readonly<Record<string, { readonly image: string; readonly profiles?: readonly string[] }>>;
};

/** Services with a published port, whose variable has the name of the service. */
const STANDARD_PORTS = { api: 8080, prometheus: 9090, jaeger: 16_686 };
const SHELL_TIMEOUT_MS = 120_000;
const PUBLISHED = ['api', 'notifications', 'prometheus', 'alertmanager', 'grafana', 'jaeger'] as const;

const hasImage = async (image: string): Promise<boolean> => {
  for (const command of [
    ['image', 'inspect'],
    ['pull', '--quiet'],
  ]) {
    try {
      await docker([...command, image]);
      return true;
    } catch {
      // there is another way, or none
    }
  }
  return false;
};

const FACTORS = new Map([
  ['', 1],
  ['Ki', 1024],
  ['Mi', 1024 ** 2],
  ['Gi', 1024 ** 3],
]);

/** Parses an amount such as `1.5MiB` from `docker stats`. @returns bytes */
const toBytes = (text: string): number => {
  const [, number = '', unit = ''] = /^([\d.]+)([KMG]?i?)B/.exec(text) ?? [];
  const factor = FACTORS.get(unit);
  if (number === '' || factor === undefined) throw new Error(`${text} is not an amount of memory.`);
  return Number(number) * factor;
};

export const makeStack = async () => {
  const project = `user-service-test-${process.pid}`;
  const ports = new Map<string, number>();
  for (const service of PUBLISHED) ports.set(service, await freePort());
  const variables = {
    COMPOSE_PROJECT_NAME: project,
    ...Object.fromEntries([...ports].map(([service, port]) => [`${service.toUpperCase()}_PORT`, `${port}`])),
  };
  const urlOf = (service: (typeof PUBLISHED)[number]): string => `http://127.0.0.1:${ports.get(service)}`;
  const ofProject = `label=com.docker.compose.project=${project}`;
  const compose = (...args: string[]): Promise<string> =>
    docker(['compose', '--progress', 'quiet', ...args], variables);
  /** Of every container that was ever seen, so that none is forgotten that an earlier `up` has made. */
  const seenVolumes = new Set<string>();
  const containers = async (): Promise<string[]> => {
    const ids = await docker(['ps', '--all', '--quiet', '--filter', ofProject]);
    return ids === '' ? [] : ids.split('\n');
  };

  return {
    compose,
    urls: {
      api: urlOf('api'),
      notifications: urlOf('notifications'),
      prometheus: urlOf('prometheus'),
      alertmanager: urlOf('alertmanager'),
      grafana: urlOf('grafana'),
      jaeger: urlOf('jaeger'),
    },

    /** The services that only this profile starts: those whose image this machine has or can pull, and the others. */
    profile: async (name: string): Promise<{ available: string[]; missing: string[] }> => {
      const { services } = JSON.parse(await compose('--profile', name, 'config', '--format', 'json')) as ComposeConfig;
      const found = Object.entries(services).filter(([, { profiles = [] }]) => profiles.includes(name));
      const available: string[] = [];
      const missing: string[] = [];
      for (const [service, { image }] of found) ((await hasImage(image)) ? available : missing).push(service);
      return { available, missing };
    },

    /** Runs a command of the documentation, e.g. `docker compose up --wait`, as a shell would. */
    run: (command: string): Promise<string> => {
      const [program, subcommand, ...args] = command.replaceAll("'", '').split(' ');
      if (program !== 'docker' || subcommand !== 'compose') throw new Error(`not a command of Compose: ${command}`);
      return compose(...args);
    },

    /** Runs commands of the documentation in bash, with the ports of this stack. @returns what they print */
    shell: async (commands: string): Promise<string> => {
      let script = commands;
      for (const [service, standard] of Object.entries(STANDARD_PORTS))
        script = script.replaceAll(`localhost:${standard}`, `127.0.0.1:${ports.get(service)}`);
      const { stdout } = await promisify(execFile)('/bin/bash', ['-euc', script], {
        env: { ...env, ...variables },
        timeout: SHELL_TIMEOUT_MS,
        maxBuffer: 2 ** 24,
      });
      return stdout;
    },

    /** The state of each service, e.g. `healthy` or `exited 0`. */
    states: async (): Promise<Record<string, string>> => {
      const args = ['compose', 'ps', '--all', '--format', 'json'];
      const rows = await dockerLines<Row>(args, variables);
      return Object.fromEntries(
        rows.map(({ Service, State, Health, ExitCode }) => [
          Service,
          State === 'exited' ? `exited ${ExitCode}` : Health || State,
        ]),
      );
    },

    /** Memory in use of each running container, in bytes. */
    memory: async (): Promise<Map<string, number>> => {
      const args = ['stats', '--no-stream', '--format', '{{json .}}', ...(await containers())];
      const rows = await dockerLines<{ Name: string; MemUsage: string }>(args);
      return new Map(
        rows.map(({ Name, MemUsage }) => [Name, toBytes(MemUsage)] as const).filter(([, bytes]) => bytes > 0),
      );
    },

    /** Remembers the volumes of the project's containers. @returns those, including anonymous ones */
    volumes: async (): Promise<string[]> => {
      const args = ['inspect', '--format', '{{json .Mounts}}', ...(await containers())];
      const mounts = (await dockerLines<Mount[]>(args)).flat();
      const names = mounts.flatMap(({ Type, Name }) => (Type === 'volume' && Name !== undefined ? [Name] : []));
      for (const name of names) seenVolumes.add(name);
      return [...new Set(names)];
    },

    /** Of all that `volumes` has ever seen: what still exists; and the remaining containers and networks of the project. */
    leftovers: async (): Promise<string[]> => {
      const known = (await docker(['volume', 'ls', '--quiet'])).split('\n');
      const ofLabel = await docker(['volume', 'ls', '--quiet', '--filter', ofProject]);
      const networks = await docker(['network', 'ls', '--quiet', '--filter', ofProject]);
      const volumes = [...seenVolumes].filter((name) => known.includes(name));
      return [...new Set([...(await containers()), ...volumes, ...ofLabel.split('\n'), networks])].filter(Boolean);
    },

    /** Removes everything, including images. */
    remove: (): Promise<void> => removeProject(project),
  };
};

export type Stack = Awaited<ReturnType<typeof makeStack>>;
