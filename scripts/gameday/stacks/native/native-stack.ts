// The whole system as processes of this machine: servers, processes of the service, the example consumer, Prometheus. All of them end with this process.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { chmod, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { serverAccount } from '../../../../src/embedded/postgres/account.ts';
import { reachableFolder } from '../../../../src/embedded/postgres/place.ts';
import { startNativePrometheus } from '../../../../test/support/native/prometheus.ts';
import { openAll, type Closings } from '../closings.ts';
import { PROCESSES, type Process } from '../stack.ts';
import { startEntrance } from './entrance.ts';
import { logFileOf, LOGS, makeNativeStack } from './operate.ts';
import { prepareServers } from './prepare.ts';
import { groupOf, makeProcessGroup, type Groups } from './process-group.ts';
import { prepareFolder, setTargets, type PrometheusPrograms } from './prometheus.ts';
import { backupSettings, makeArchive, type Archive } from './postgres/archive.ts';
import { dataFolder } from './postgres/launch-postgres.ts';
import { makeSecretFiles } from './secret-files.ts';
import { startServers } from './servers.ts';
import { flagsFile, migrationSettings, settingsOf, type Surroundings } from './settings.ts';
import { readLag } from './stores.ts';
import { startTraces } from '../traces.ts';

type Report = (line: string) => void;

const makeFolder = async (closings: Closings): Promise<string> => {
  rmSync(LOGS, { recursive: true, force: true });
  mkdirSync(LOGS, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'user-service-gameday-'));
  await chmod(folder, 0o711); // the account of PostgreSQL has to pass through
  const data = await reachableFolder(join(folder, 'postgres'), await serverAccount());
  closings.push(async () => {
    await Promise.all([folder, data].map((path) => rm(path, { recursive: true, force: true })));
  });
  return folder;
};

/** Without instances. `monitoring` is the folder of Prometheus, which watches its targets. */
const makeGroups = (at: Surroundings, monitoring: string): Groups => {
  const addressesOf = (name: Process): string[] =>
    groupOf(groups, name)
      .members()
      .map(({ managementPort }) => `127.0.0.1:${managementPort}`);
  const groups = Object.fromEntries(
    PROCESSES.map((name) => {
      const onScaled = (): void => {
        setTargets(monitoring, name, addressesOf(name));
      };
      const settings = (ports: Parameters<typeof settingsOf>[2]) => settingsOf(name, at, ports);
      return [name, makeProcessGroup({ name, logFile: logFileOf(name), settings, onScaled })];
    }),
  ) as Groups;
  return groups;
};

const startProcesses = async (groups: Groups): Promise<void> => {
  const all = Object.values(groups);
  await Promise.all(all.map((group) => group.scale(1)));
  await Promise.all(all.map((group) => group.allReady()));
};

const variablesOf = ({ api, relay, worker }: Groups, at: Surroundings, promtool: string) => {
  const management = (group: typeof api): string => `http://127.0.0.1:${group.members()[0]?.managementPort ?? 0}`;
  // eslint-disable-next-line n/no-process-env -- the path of the blocks
  const { PATH = '' } = process.env;
  return {
    API_URL: at.apiUrl,
    MANAGEMENT_URL: management(api),
    RELAY_MANAGEMENT_URL: management(relay),
    WORKER_MANAGEMENT_URL: management(worker),
    SECRETS_DIR: at.secretsDirectory,
    FEATURE_FLAGS_FILE: flagsFile(at),
    PATH: `${dirname(promtool)}:${PATH}`,
  };
};

/** Of the blocks that restore: none without an archive. */
const restoreVariables = (archive: Archive | undefined, folder: string, path: string): Record<string, string> =>
  archive === undefined
    ? {}
    : { BACKUPS: archive.backups, DATA_FOLDER: dataFolder(folder), PATH: `${archive.programs}:${path}` };

const start = async ({ prometheus: program, promtool }: PrometheusPrograms, report: Report, closings: Closings) => {
  const folder = await makeFolder(closings);
  report('starting PostgreSQL, Redis, Kafka and the schema registry');
  const archive = await makeArchive(folder);
  const servers = await startServers(folder, archive);
  closings.push(async () => {
    await Promise.all(Object.values(servers).map((server) => server.close()));
  });
  const secrets = await makeSecretFiles(folder);
  const traces = await startTraces();
  closings.push(traces.close);
  const running: { groups?: Groups } = {};
  const entrance = await startEntrance(() => running.groups?.api.members().map(({ port }) => port) ?? []);
  closings.push(entrance.close);
  const at: Surroundings = {
    ...{ servers, secretsDirectory: secrets.directory, mailDirectory: join(folder, 'mail') },
    ...{ tracesUrl: traces.url, apiUrl: entrance.url },
  };

  report('creating database, topics and schemas');
  await prepareServers(at, archive);
  const monitoring = join(folder, 'prometheus');
  prepareFolder(monitoring);
  const groups = makeGroups(at, monitoring);
  running.groups = groups;
  closings.push(async () => {
    await Promise.all(Object.values(groups).map((group) => group.endAll('SIGKILL')));
  });

  report('starting api, relay, worker and notification-service');
  await startProcesses(groups);
  const prometheus = await startNativePrometheus(program, monitoring); // now: nobody is absent
  closings.push(prometheus.close);
  const usual = variablesOf(groups, at, promtool);
  const variables = { ...usual, ...restoreVariables(archive, folder, usual.PATH), PROMETHEUS_URL: prometheus.url };
  report(`ready: API_URL=${entrance.url} PROMETHEUS_URL=${prometheus.url}`);
  const stack = makeNativeStack({ servers, groups, secrets, apiUrl: entrance.url, variables });
  const programs = new Map([
    ['migrate', migrationSettings(at)],
    ['backup', archive === undefined ? {} : backupSettings(archive, servers.postgres.port)],
  ]);
  return { stack, servers, groups, secrets, traces, lag: () => readLag(servers), programs };
};

/** `report` gets one line for each step. On failure everything that was started is closed. */
export const startNativeStack = (programs: PrometheusPrograms, report: Report) =>
  openAll((closings) => start(programs, report, closings));

export type NativeStack = Awaited<ReturnType<typeof startNativeStack>>;
