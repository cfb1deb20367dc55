import type { JavaProcess } from './java-process.ts';

export type Restartable = {
  /** Stops it cleanly and keeps its data. */
  stop(): Promise<void>;
  /** Kills it with SIGKILL, like a crash, and keeps its data. */
  kill(): Promise<void>;
  /** Of the process that runs, or ran last. */
  pid(): number | undefined;
  /** Stops it if it is running, and starts it with the same port and data. */
  restart(): Promise<void>;
  /** Kills it and removes its data. */
  close(): Promise<void>;
};

/** A server that a test can stop and restart. If the first start fails, its data is removed. */
export const makeRestartable = async (
  start: () => Promise<JavaProcess>,
  removeData: () => Promise<void>,
): Promise<Restartable> => {
  let running = await start().catch(async (error: unknown) => {
    await removeData();
    throw error;
  });
  return {
    stop: () => running.end('SIGTERM'),
    kill: () => running.end('SIGKILL'),
    pid: () => running.pid,
    restart: async () => {
      await running.end('SIGTERM');
      running = await start();
    },
    close: async () => {
      await running.end('SIGKILL');
      await removeData();
    },
  };
};
