import type { JavaProcess } from './java-process.ts';

export type Restartable = {
  /** A clean end; data stays. */
  stop(): Promise<void>;
  /** SIGKILL: what a power cut leaves. Data stays. */
  kill(): Promise<void>;
  /** Starts it again, on the same port and data; stops it before where that was not done. */
  restart(): Promise<void>;
  /** Ends it at once and removes its data. */
  close(): Promise<void>;
};

/** A server that a test can take away and give back. One that does not start at all leaves nothing behind. */
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
