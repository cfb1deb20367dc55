// docker-compose.yml with a project name and ports of its own, so that it does not conflict with other containers of this Docker engine.

import { docker, dockerLines } from '../../support/docker-command.ts';
import { freePort } from '../../support/free-port.ts';

type Row = { readonly Service: string; readonly State: string; readonly Health: string; readonly ExitCode: number };
type Mount = { readonly Type: string; readonly Name?: string };

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
  const [api, notifications, prometheus] = await Promise.all([freePort(), freePort(), freePort()]);
  const variables = {
    COMPOSE_PROJECT_NAME: project,
    API_PORT: `${api}`,
    NOTIFICATIONS_PORT: `${notifications}`,
    PROMETHEUS_PORT: `${prometheus}`,
  };
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
      api: `http://127.0.0.1:${api}`,
      notifications: `http://127.0.0.1:${notifications}`,
      prometheus: `http://127.0.0.1:${prometheus}`,
    },

    /** Runs a command of the documentation, e.g. `docker compose up --wait`, as a shell would. */
    run: (command: string): Promise<string> => {
      const [program, subcommand, ...args] = command.replaceAll("'", '').split(' ');
      if (program !== 'docker' || subcommand !== 'compose') throw new Error(`not a command of Compose: ${command}`);
      return compose(...args);
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
    remove: async (): Promise<void> => {
      await compose('--profile', '*', 'down', '--volumes', '--remove-orphans');
      const images = await docker(['image', 'ls', '--quiet', '--filter', `reference=${project}/*`]);
      if (images !== '') await docker(['image', 'rm', '--force', ...images.split('\n')]);
    },
  };
};

export type Stack = Awaited<ReturnType<typeof makeStack>>;
