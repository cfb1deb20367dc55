import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';

import { freePort } from '../free-port.ts';
import { fetchers, onPath, type RedisBinary } from './redis-binary.ts';
import type { RedisServer, Running } from '../servers.ts';

export type NativeRedis = Running<RedisServer> & { readonly pid: number | undefined };

const launch = async ({ path, libraries }: RedisBinary, wantedPort?: number): Promise<NativeRedis> => {
  const port = wantedPort ?? (await freePort());
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir()];
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

/**
 * The installed `redis-server`, or one that is downloaded once into .cache/native. `stop` kills it.
 * @param options port: default a free one
 */
export const nativeRedis = async (options: { readonly port?: number } = {}): Promise<NativeRedis> => {
  const reasons: string[] = [];
  for (const find of [onPath, ...fetchers]) {
    try {
      return await launch(await find(), options.port);
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(reasons.join('; '));
};
