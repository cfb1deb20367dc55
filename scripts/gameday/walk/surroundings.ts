// What the walk makes so that the blocks of a page have something to work on. All of it is made when it is first asked for.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';

import { eventually } from '../../../test/support/eventually.ts';
import { makeSelfSignedCertificate } from '../../../test/support/self-signed-certificate.ts';
import { endLock, holdLock, lockHolder } from '../drills/stores/held-lock.ts';
import type { Stack } from '../stacks/stack.ts';

const SESSION = 'walk';
export const TOPIC = 'user-service.orders.v1';
const PATIENCE = { deadlineMs: 30_000, everyMs: 250 };

const register = async ({ apiUrl }: Stack): Promise<{ id: string; email: string }> => {
  const username = `w${randomUUID().slice(0, 13)}`;
  const email = `${username}@example.com`;
  const response = await fetch(`${apiUrl}/api/v1/users`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, name: 'Ann', email, password: 'three quiet rivers' }),
  });
  const { id } = (await response.json()) as { id?: string };
  if (id === undefined) throw new Error(`No user could be registered: status ${response.status}.`);
  return { id, email };
};

/** A message that no consumer can read, until the worker has put it aside. */
const deadLetter = async (stack: Stack): Promise<void> => {
  const seen = (await stack.output('worker')).length;
  await stack.produce(TOPIC, [{ key: 'walk', value: 'order;19,99;EUR' }]);
  await eventually(async () => {
    if (!(await stack.output('worker')).slice(seen).includes('published as a dead letter'))
      throw new Error('The worker has not put the message aside.');
  }, PATIENCE);
};

const lazily = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
};

export const makeSurroundings = (stack: Stack) => {
  const closings: (() => void | Promise<void>)[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'walk-'));
  closings.push(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const certificate = lazily(async () => {
    const { cert, key } = makeSelfSignedCertificate({ days: 30 });
    const server = createServer({ cert, key }).listen(0, '127.0.0.1');
    closings.push(() => {
      server.close();
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { server: `localhost:${port}`, certFile: write('tls.crt', cert), keyFile: write('tls.key', key) };
  });
  return {
    stack,
    write,
    user: lazily(() => register(stack)),
    /** A TLS server of this process, and its files. */
    certificate,
    deadLetter: lazily(() => deadLetter(stack)),
    /** The process id of a session of PostgreSQL with an open transaction. */
    session: lazily(async () => {
      await holdLock(stack, SESSION, 'SELECT 1');
      closings.push(() => endLock(stack, SESSION));
      return lockHolder(stack, SESSION);
    }),
    close: async (): Promise<void> => {
      for (const closing of closings.toReversed()) await closing();
    },
  };
};

export type Surroundings = ReturnType<typeof makeSurroundings>;
