import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { serverCommand } from './cores.ts';

type Options = {
  readonly file: string;
  readonly argument: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A module that is loaded before the server. */
  readonly preload?: string;
  readonly pinned: boolean;
};

/** Starts a server in its own process. Its standard output is /dev/null: log lines are written, but no process uses CPU to read them. */
export const startServer = async ({ file, argument, env = {}, preload, pinned }: Options) => {
  const options = preload === undefined ? [] : ['--import', preload];
  const [command, args] = serverCommand([...options, join(import.meta.dirname, 'servers', file), argument], pinned);
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  const nextMessage = async <T>(): Promise<T> => {
    const message = new Promise<T>((resolve) =>
      child.once('message', (value) => {
        resolve(value as T);
      }),
    );
    return Promise.race([message, exited.then(() => Promise.reject(new Error(`${file} exited`)))]);
  };
  const { port } = await nextMessage<{ port: number }>();

  return {
    url: `http://127.0.0.1:${port}`,
    /** CPU time since the start of the process, user and system, in µs. */
    cpuMicroseconds: async (): Promise<number> => {
      child.send('cpu');
      const { user, system } = await nextMessage<NodeJS.CpuUsage>();
      return user + system;
    },
    stop: async (): Promise<void> => {
      child.kill('SIGKILL');
      await exited;
    },
  };
};

export type MeasuredServer = Awaited<ReturnType<typeof startServer>>;
