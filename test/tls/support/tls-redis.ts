// A Redis with TLS only, whose certificate and passwords change while it runs.

import { Redis } from 'ioredis';

import { nativeRedis } from '../../support/native/redis.ts';
import type { KeyPair } from '../../support/private-authority.ts';
import type { Files } from './files.ts';

export type TlsRedis = {
  readonly port: number;
  /** As the default user, whose password never changes. */
  administer(command: string, ...args: string[]): Promise<unknown>;
  /** Another certificate for new connections. */
  present(pair: KeyPair): Promise<void>;
  /** Of a user. */
  breakConnections(user: string): Promise<void>;
  close(): Promise<void>;
};

const PASSWORD = 'administrator';

export const startTlsRedis = async (files: Files, pair: KeyPair): Promise<TlsRedis> => {
  let number = 0;
  const write = ({ cert, key }: KeyPair) => {
    number += 1;
    return {
      cert: files.write(`redis-${number}.pem`, cert),
      key: files.write(`redis-${number}.key`, key),
    };
  };
  const { server, stop } = await nativeRedis({ tls: write(pair), password: PASSWORD });
  const admin = new Redis({ ...server, password: PASSWORD, tls: { rejectUnauthorized: false } });
  const administer = (command: string, ...args: string[]): Promise<unknown> => admin.call(command, ...args);
  return {
    port: server.port,
    administer,
    present: async (next) => {
      const { cert, key } = write(next);
      await administer('CONFIG', 'SET', 'tls-cert-file', cert, 'tls-key-file', key);
    },
    breakConnections: async (user) => {
      await administer('CLIENT', 'KILL', 'USER', user);
    },
    close: async () => {
      admin.disconnect();
      await stop();
    },
  };
};
