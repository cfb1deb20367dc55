import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { serverCommand } from './cores.ts';

type Options = {
  readonly file: string;
  readonly argument: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly pinned: boolean;
};

/** A server in a process of its own. Its standard output goes to /dev/null, so that a log line is written but nobody is busy reading it. */
export const startServer = async ({ file, argument, env = {}, pinned }: Options) => {
  const [command, args] = serverCommand([join(import.meta.dirname, 'servers', file), argument], pinned);
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const answer = async <T>(): Promise<T> => {
    const message = new Promise<T>((resolve) =>
      child.once('message', (value) => {
        resolve(value as T);
      }),
    );
    return Promise.race([message, ended.then(() => Promise.reject(new Error(`${file} ended`)))]);
  };
  const { port } = await answer<{ port: number }>();

  return {
    url: `http://127.0.0.1:${port}`,
    /** CPU time used since it began, user and system, in µs. */
    cpuMicroseconds: async (): Promise<number> => {
      child.send('cpu');
      const { user, system } = await answer<NodeJS.CpuUsage>();
      return user + system;
    },
    stop: async (): Promise<void> => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};

export type MeasuredServer = Awaited<ReturnType<typeof startServer>>;
