// The servers of the native stack. Each keeps its port and its data while it is killed and started again. Nothing restarts them.

import { endsWithThisProcess } from '../../../../test/support/native/ends-with-this-process.ts';
import { startNativeKafka } from '../../../../test/support/native/kafka.ts';
import { nativeRedis } from '../../../../test/support/native/redis.ts';
import { startNativeRegistry } from '../../../../test/support/native/registry.ts';
import type { Server, State } from '../stack.ts';
import type { Archive } from './postgres/archive.ts';
import { launchPostgres, type Launched } from './postgres/launch-postgres.ts';
import { signalFamily } from './postgres/signals.ts';

const launchRedis = async (): Promise<Launched> => {
  let redis = await nativeRedis();
  const { port } = redis.server;
  const guard = () => (redis.pid === undefined ? () => undefined : endsWithThisProcess(redis.pid));
  let release = guard();
  const kill = async (): Promise<void> => {
    release();
    await redis.stop();
  };
  return {
    port,
    pid: () => redis.pid,
    start: async () => {
      redis = await nativeRedis({ port });
      release = guard();
    },
    kill,
    close: kill,
  };
};

const launchKafka = async (): Promise<Launched> => {
  const kafka = await startNativeKafka();
  return { ...kafka, start: kafka.restart };
};

const launchRegistry = async (): Promise<Launched> => {
  const registry = await startNativeRegistry();
  return { ...registry, start: registry.restart };
};

const manage = ({ port, pid, start, kill, stop = kill, close }: Launched) => {
  let state: State = 'running';
  const killIt = async (): Promise<void> => {
    if (state !== 'down') await kill();
    state = 'down';
  };
  const startIt = async (): Promise<void> => {
    if (state === 'down') await start();
    if (state === 'paused') await signalFamily(pid(), 'SIGCONT');
    state = 'running';
  };
  return {
    port,
    pid,
    state: () => state,
    kill: killIt,
    /** A paused one is killed. */
    stop: async () => {
      if (state === 'running') await stop();
      if (state === 'running') state = 'down';
      await killIt();
    },
    start: startIt,
    pause: async () => {
      if (state === 'running') await signalFamily(pid(), 'SIGSTOP');
      if (state === 'running') state = 'paused';
    },
    /** After SIGKILL: a server that hangs does not stop by itself. */
    restart: async () => {
      await killIt();
      await startIt();
    },
    close: async () => {
      if (state === 'paused') await signalFamily(pid(), 'SIGCONT');
      await close();
      state = 'down';
    },
  };
};

export type ManagedServer = ReturnType<typeof manage>;
export type ManagedServers = Readonly<Record<Server, ManagedServer>>;

export const serverOf = (servers: ManagedServers, name: Server): ManagedServer => servers[name]; // eslint-disable-line security/detect-object-injection -- a name of the type

/** Starts all at once. If one does not start, the others are closed. @param directory for data, removed by the caller */
export const startServers = async (directory: string, archive?: Archive): Promise<ManagedServers> => {
  const launches: readonly (readonly [Server, () => Promise<Launched>])[] = [
    ['postgres', () => launchPostgres(directory, archive)],
    ['redis', launchRedis],
    ['kafka', launchKafka],
    ['registry', launchRegistry],
  ];
  const results = await Promise.allSettled(
    launches.map(async ([name, launch]) => [name, manage(await launch())] as const),
  );
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure === undefined) return Object.fromEntries(started) as ManagedServers;
  await Promise.all(started.map(([, server]) => server.close()));
  throw failure.reason;
};
