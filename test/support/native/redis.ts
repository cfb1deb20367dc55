import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';

import { freePort } from '../free-port.ts';
import { fetchers, onPath, type RedisBinary } from './redis-binary.ts';
import type { RedisServer, Running } from '../servers.ts';

export type NativeRedis = Running<RedisServer> & { readonly pid: number | undefined };

/** Paths of PEM files. */
export type TlsFiles = { readonly cert: string; readonly key: string };

type Options = {
  /** Default: a free one. */
  readonly port?: number;
  /** The port then has TLS, and no other port is open. */
  readonly tls?: TlsFiles;
  /** Of the default user. */
  readonly password?: string;
};

const portArgs = (port: number, tls: TlsFiles | undefined): string[] =>
  tls === undefined
    ? ['--port', `${port}`]
    : [
        ...['--port', '0', '--tls-port', `${port}`, '--tls-auth-clients', 'no'],
        ...['--tls-cert-file', tls.cert, '--tls-key-file', tls.key],
      ];

const launch = async ({ path, libraries }: RedisBinary, options: Options): Promise<NativeRedis> => {
  const { port = await freePort(), tls, password } = options;
  const args = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir(), ...portArgs(port, tls)];
  if (password !== undefined) args.push('--requirepass', password);
  const server = spawn(path, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries },
  });
  const kill = (): void => {
    server.kill('SIGKILL');
  };
  process.once('exit', kill);
  const gone = once(server, 'exit').finally(() => process.removeListener('exit', kill));
  const ready = new Promise<void>((resolve) => {
    server.stdout.on('data', (text: Buffer) => {
      if (text.includes('Ready to accept connections')) resolve();
    });
  });
  await Promise.race([ready, gone.then(() => Promise.reject(new Error(`${path} exited during startup`)))]);
  const stop = async (): Promise<void> => {
    kill();
    await gone;
  };
  return { server: { host: '127.0.0.1', port }, stop, pid: server.pid };
};

/** The installed `redis-server`, or one that is downloaded once into .cache/native. `stop` kills it. */
export const nativeRedis = async (options: Options = {}): Promise<NativeRedis> => {
  const reasons: string[] = [];
  for (const find of [onPath, ...fetchers]) {
    try {
      return await launch(await find(), options);
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(reasons.join('; '));
};
