// The whole system as processes of this machine: servers, processes of the service, the example consumer, Prometheus. All of them end with this process.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { chmod, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { serverAccount } from '../../../src/embedded/postgres/account.ts';
import { reachableFolder } from '../../../src/embedded/postgres/place.ts';
import { PROCESSES, SERVERS, type Part, type Process, type Server, type Stack } from '../stack.ts';
import { FOLDER } from './address.ts';
import { startEntrance } from './entrance.ts';
import { prepareServers } from './prepare.ts';
import { makeProcessGroup, type ProcessGroup } from './process-group.ts';
import { prepareFolder, setTargets, startPrometheus, type PrometheusPrograms } from './prometheus.ts';
import { makeSecretFiles } from './secret-files.ts';
import { startServers } from './servers.ts';
import { flagsFile, settingsOf, type Surroundings } from './settings.ts';
import { makeStores, readLag } from './stores.ts';
import { startTraces } from './traces.ts';

const LOGS = join(FOLDER, 'logs');

type Groups = Readonly<Record<Process, ProcessGroup>>;
type Closing = () => void | Promise<void>;

const isServer = (part: Part): part is Server => SERVERS.some((server) => server === part);

export const logFileOf = (process: Process): string => join(LOGS, `${process}.log`);

const makeGroups = (at: Surroundings, onScaled: (name: Process) => void): Groups =>
  Object.fromEntries(
    PROCESSES.map((name) => [
      name,
      makeProcessGroup({
        name,
        logFile: logFileOf(name),
        settings: (ports) => settingsOf(name, at, ports),
        onScaled: () => {
          onScaled(name);
        },
      }),
    ]),
  ) as Groups;

const variablesOf = (groups: Groups, { apiUrl, secretsDirectory }: Surroundings, promtool: string) => {
  const management = (name: Process): string => `http://127.0.0.1:${groups[name].members()[0]?.managementPort ?? 0}`;
  // eslint-disable-next-line n/no-process-env -- the path of the blocks
  const { PATH = '' } = process.env;
  return {
    API_URL: apiUrl,
    MANAGEMENT_URL: management('api'),
    RELAY_MANAGEMENT_URL: management('relay'),
    WORKER_MANAGEMENT_URL: management('worker'),
    SECRETS_DIR: secretsDirectory,
    FEATURE_FLAGS_FILE: flagsFile({ secretsDirectory }),
    PATH: `${dirname(promtool)}:${PATH}`,
  };
};

/** `report` gets one line for each step. On failure everything that was started is closed. */
export const startNativeStack = async (programs: PrometheusPrograms, report: (line: string) => void) => {
  const closings: Closing[] = [];
  const close = async (): Promise<void> => {
    for (const closing of closings.splice(0).toReversed()) await closing();
  };
  try {
    return { ...(await start(programs, report, closings)), close };
  } catch (error) {
    await close();
    throw error;
  }
};

const makeFolder = async (closings: Closing[]): Promise<string> => {
  rmSync(LOGS, { recursive: true, force: true });
  mkdirSync(LOGS, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'user-service-gameday-'));
  await chmod(folder, 0o711); // the account of PostgreSQL has to pass through
  const data = await reachableFolder(join(folder, 'postgres'), await serverAccount());
  closings.push(
    () => rm(folder, { recursive: true, force: true }),
    () => rm(data, { recursive: true, force: true }),
  );
  return folder;
};

const start = async (programs: PrometheusPrograms, report: (line: string) => void, closings: Closing[]) => {
  const folder = await makeFolder(closings);
  report('starting PostgreSQL, Redis, Kafka and the schema registry');
  const servers = await startServers(folder);
  closings.push(async () => {
    await Promise.all(Object.values(servers).map((server) => server.close()));
  });
  const secrets = await makeSecretFiles(folder);
  const traces = await startTraces();
  closings.push(traces.close);
  let groups: Groups | undefined;
  const entrance = await startEntrance(() => groups?.api.members().map(({ port }) => port) ?? []);
  closings.push(entrance.close);
  const at: Surroundings = {
    ...{ servers, secretsDirectory: secrets.directory, mailDirectory: join(folder, 'mail') },
    ...{ tracesUrl: traces.url, apiUrl: entrance.url },
  };

  report('creating database, topics and schemas');
  await prepareServers(at);
  const monitoring = join(folder, 'prometheus');
  prepareFolder(monitoring);
  const all = makeGroups(at, (name) => {
    const members = all[name].members();
    setTargets(
      monitoring,
      name,
      members.map(({ managementPort }) => `127.0.0.1:${managementPort}`),
    );
  });
  groups = all;
  closings.push(async () => {
    await Promise.all(Object.values(all).map((group) => group.endAll('SIGKILL')));
  });

  report('starting api, relay, worker and notification-service');
  await Promise.all(PROCESSES.map((name) => all[name].scale(1)));
  await Promise.all(PROCESSES.map((name) => all[name].allReady()));
  const prometheus = await startPrometheus(programs.prometheus, monitoring); // now: nobody is absent
  closings.push(prometheus.close);
  const variables = { ...variablesOf(all, at, programs.promtool), PROMETHEUS_URL: prometheus.url };
  report(`ready: API_URL=${entrance.url} PROMETHEUS_URL=${prometheus.url}`);

  const groupOf = (part: Part): ProcessGroup => all[part as Process];
  const startPart = async (part: Part): Promise<void> => {
    if (isServer(part)) {
      await servers[part].start();
      return;
    }
    all[part].resume();
    all[part].launchMissing();
    await all[part].allReady();
  };
  const stack: Stack = {
    target: 'local',
    variables,
    apiUrl: entrance.url,
    ...makeStores(servers),
    kill: async (part) => {
      await (isServer(part) ? servers[part].kill() : groupOf(part).endAll('SIGKILL'));
    },
    pause: async (part) => {
      if (isServer(part)) await servers[part].pause();
      else groupOf(part).pause();
    },
    resume: async (part) => {
      if (isServer(part)) await (servers[part].state() === 'paused' ? servers[part].start() : undefined);
      else groupOf(part).resume();
    },
    start: startPart,
    restart: async (part) => {
      if (isServer(part)) {
        await servers[part].restart();
        return;
      }
      await all[part].replaceAll();
      await all[part].allReady();
    },
    deploy: (process, env) => all[process].deploy(env),
    rollBack: (process) => all[process].rollBack(),
    scale: async (process, instances) => {
      await all[process].scale(instances);
      await all[process].allReady();
    },
    writeSecret: secrets.write,
    readSecret: secrets.read,
    output: (process) => readFile(logFileOf(process), 'utf8'),
  };
  return { stack, servers, groups: all, secrets, traces, lag: () => readLag(servers) };
};

export type NativeStack = Awaited<ReturnType<typeof startNativeStack>>;
