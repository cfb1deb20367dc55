import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { freePort } from '../free-port.ts';
import { run } from './cache.ts';
import type { KafkaServer, Running } from '../servers.ts';
import { makeDataDirectory } from './data-directory.ts';
import { startJava, type JavaProcess } from './java-process.ts';
import { fetchProgram, withClassArchive } from './java-program.ts';
import { kafkaProperties, type KafkaAddresses } from './kafka-properties.ts';
import { makeRestartable, type Restartable } from './restartable.ts';

const HOST = '127.0.0.1';
/** Logs warnings, and the one line that reports readiness. */
const LOGGING = ['defaultLogLevel=warn', 'log.kafka.server.KafkaRaftServer=info', 'showDateTime=true'].map(
  (setting) => `-Dorg.slf4j.simpleLogger.${setting}`,
);

const java = (jars: string): string[] => [...LOGGING, '-cp', join(jars, '*')];

const choosePorts = async (client?: number): Promise<KafkaAddresses['ports']> => {
  const [free, broker, controller] = await Promise.all([freePort(), freePort(), freePort()]);
  return { client: client ?? free, broker, controller };
};

type Advertised = {
  /** Default: 127.0.0.1. */
  readonly advertisedHost?: string | undefined;
  /** The advertised port, e.g. of a proxy. Default: `port`. */
  readonly advertisedPort?: number | undefined;
  /** Lines of server.properties that are added, and override those above them. */
  readonly settings?: readonly string[] | undefined;
};

const writeSettings = async (
  directory: string,
  data: string,
  ports: KafkaAddresses['ports'],
  { advertisedHost = HOST, advertisedPort = ports.client, settings = [] }: Advertised = {},
): Promise<string> => {
  const file = join(directory, 'server.properties');
  const advertised = `${advertisedHost}:${advertisedPort}`;
  const properties = await kafkaProperties({ listenHost: HOST, ports, advertised, dataDirectory: data });
  await writeFile(file, [properties, ...settings, ''].join('\n'));
  return file;
};

/** Formatting an empty store takes a JVM two seconds: it is done once, and every new node gets a copy. */
const makeEmptyStore = async (jars: string): Promise<void> => {
  const settings = await writeSettings(jars, join(jars, 'empty-store'), await choosePorts());
  const clusterId = Buffer.from('user-service-tst').toString('base64url');
  await run('java', [...java(jars), 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settings]);
};

/** @returns the folder of its jars */
export const fetchKafka = (): Promise<string> =>
  fetchProgram({
    name: 'kafka',
    title: 'Kafka (43 MB)',
    goal: 'copy-dependencies@kafka',
    finish: makeEmptyStore,
  });

type Place = Advertised & { readonly directory: string; readonly ports: KafkaAddresses['ports'] };

/** Starts a node in a folder, with the data that it wrote there before. */
const launch = async (jars: string, place: Place, flags: string[]): Promise<JavaProcess> => {
  const { directory, ports } = place;
  const data = join(directory, 'data');
  await cp(join(jars, 'empty-store'), data, { recursive: true, force: false });
  const settings = await writeSettings(directory, data, ports, place);
  return startJava({
    name: 'Kafka',
    args: [...flags, ...java(jars), 'kafka.Kafka', settings],
    ready: (printed) => {
      if (!printed.includes('Kafka Server started')) throw new Error('not yet');
    },
  });
};

const trialRun = async (jars: string, flag: string): Promise<JavaProcess> => {
  const directory = await makeDataDirectory('kafka');
  const running = await launch(jars, { directory: directory.path, ports: await choosePorts() }, [flag]);
  return { ...running, end: (signal) => running.end(signal).finally(directory.remove) };
};

export type NativeKafka = Restartable &
  KafkaServer & {
    readonly port: number;
    /** Its listener without TLS and authentication, for administration. */
    readonly internal: string;
  };

export type NativeKafkaOptions = Advertised & {
  /** The port that it listens on. Default: a free port. */
  readonly port?: number;
  /** The data folder, which is kept. Default: a temporary folder. */
  readonly directory?: string;
};

/**
 * Starts a separate Kafka that a test can stop and restart. The first call ever downloads it, which may take a minute.
 * @throws with the reason when Java 17 or Maven is missing, or when it does not start
 */
export const startNativeKafka = async (options: NativeKafkaOptions = {}): Promise<NativeKafka> => {
  const jars = await fetchKafka();
  const archive = await withClassArchive('kafka', (flag) => trialRun(jars, flag));
  const directory = await makeDataDirectory('kafka', options.directory);
  const ports = await choosePorts(options.port);
  const { advertisedHost = HOST, advertisedPort = ports.client, settings } = options;
  const place = { directory: directory.path, ports, advertisedHost, advertisedPort, settings };
  const server = await makeRestartable(() => launch(jars, place, [archive]), directory.remove);
  return {
    ...server,
    port: ports.client,
    brokers: [`${advertisedHost}:${advertisedPort}`],
    internal: `${HOST}:${ports.broker}`,
  };
};

export const nativeKafka = async (): Promise<Running<KafkaServer>> => {
  const { brokers, close } = await startNativeKafka();
  return { server: { brokers }, stop: close };
};
