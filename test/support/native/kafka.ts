import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { lastingPort } from '../lasting-port.ts';
import { run } from './cache.ts';
import type { KafkaServer, Running } from '../servers.ts';
import { makeDataDirectory } from './data-directory.ts';
import { startJava, type JavaProcess } from './java-process.ts';
import { fetchProgram, withClassArchive } from './java-program.ts';
import { kafkaProperties, type KafkaAddresses } from './kafka-properties.ts';
import { makeRestartable, type Restartable } from './restartable.ts';

const HOST = '127.0.0.1';
/** Silent but for one line, which says that it is ready. */
const LOGGING = ['defaultLogLevel=warn', 'log.kafka.server.KafkaRaftServer=info', 'showDateTime=true'].map(
  (setting) => `-Dorg.slf4j.simpleLogger.${setting}`,
);

const java = (jars: string): string[] => [...LOGGING, '-cp', join(jars, '*')];

const choosePorts = async (client?: number): Promise<KafkaAddresses['ports']> => {
  const [free, broker, controller] = await Promise.all([lastingPort(), lastingPort(), lastingPort()]);
  return { client: client ?? free, broker, controller };
};

const writeSettings = async (
  directory: string,
  data: string,
  ports: KafkaAddresses['ports'],
  advertisedPort = ports.client,
): Promise<string> => {
  const file = join(directory, 'server.properties');
  const advertised = `${HOST}:${advertisedPort}`;
  await writeFile(file, await kafkaProperties({ listenHost: HOST, ports, advertised, dataDirectory: data }));
  return file;
};

/** An empty store takes a JVM two seconds to make: it is made once, and every new node gets a copy. */
const makeEmptyStore = async (jars: string): Promise<void> => {
  const settings = await writeSettings(jars, join(jars, 'empty-store'), await choosePorts());
  const clusterId = Buffer.from('user-service-tst').toString('base64url');
  await run('java', [...java(jars), 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settings]);
};

const fetchKafka = (): Promise<string> =>
  fetchProgram({
    name: 'kafka',
    title: 'Kafka (43 MB)',
    goal: 'copy-dependencies@kafka',
    finish: makeEmptyStore,
  });

type Place = {
  readonly directory: string;
  readonly ports: KafkaAddresses['ports'];
  readonly advertisedPort?: number | undefined;
};

/** Starts a node in a folder, where it finds what it wrote there before. */
const launch = async (
  jars: string,
  { directory, ports, advertisedPort }: Place,
  flags: string[],
): Promise<JavaProcess> => {
  const data = join(directory, 'data');
  await cp(join(jars, 'empty-store'), data, { recursive: true, force: false });
  const settings = await writeSettings(directory, data, ports, advertisedPort);
  return startJava({
    name: 'Kafka',
    args: [...flags, ...java(jars), 'kafka.Kafka', settings],
    ready: (printed) => {
      if (!printed.includes('Kafka Server started')) throw new Error('not yet');
    },
  });
};

const rehearse = async (jars: string, flag: string): Promise<JavaProcess> => {
  const directory = await makeDataDirectory('kafka');
  const running = await launch(jars, { directory: directory.path, ports: await choosePorts() }, [flag]);
  return { end: (signal) => running.end(signal).finally(directory.remove) };
};

export type NativeKafka = Restartable & KafkaServer & { readonly port: number };

export type NativeKafkaOptions = {
  /** Where it listens; a free port unless told otherwise. */
  readonly port?: number;
  /** The port of 127.0.0.1 that it sends clients to: of a proxy that stands before it. */
  readonly advertisedPort?: number;
  /** Where its data is and stays; a temporary folder unless told otherwise. */
  readonly directory?: string;
};

/**
 * A Kafka of one's own, to take away and give back. The first time ever it is fetched, which may take a minute.
 * @throws without Java 17 or Maven, or when it does not start, with the reason.
 */
export const startNativeKafka = async (options: NativeKafkaOptions = {}): Promise<NativeKafka> => {
  const jars = await fetchKafka();
  const archive = await withClassArchive('kafka', (flag) => rehearse(jars, flag));
  const directory = await makeDataDirectory('kafka', options.directory);
  const ports = await choosePorts(options.port);
  const { advertisedPort = ports.client } = options;
  const start = (): Promise<JavaProcess> =>
    launch(jars, { directory: directory.path, ports, advertisedPort }, [archive]);
  const server = await makeRestartable(start, directory.remove);
  return { ...server, port: ports.client, brokers: [`${HOST}:${advertisedPort}`] };
};

export const nativeKafka = async (): Promise<Running<KafkaServer>> => {
  const { brokers, close } = await startNativeKafka();
  return { server: { brokers }, stop: close };
};
