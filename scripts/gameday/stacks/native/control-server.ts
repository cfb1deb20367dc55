// Lets `npm run stack`, which blocks of runbooks call, control the stack of another process: HTTP on 127.0.0.1, with a token. The address is in a file that
// only its owner reads.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rmSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';

import { ADDRESS_FILE, type Address, type Reply, type Request } from './address.ts';
import { COMMANDS } from './commands.ts';
import type { NativeStack } from './native-stack.ts';

const execute = async (native: NativeStack, { command, args }: Request): Promise<Reply> => {
  try {
    const known = COMMANDS.get(command);
    if (known === undefined) throw new Error(`There is no command "${command}".`);
    return { output: await known.run(native, args), failed: false };
  } catch (error) {
    return { output: error instanceof Error ? error.message : String(error), failed: true };
  }
};

const isToken = (expected: string, given: string): boolean =>
  given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));

export const openControlServer = async (native: NativeStack) => {
  const token = randomBytes(24).toString('base64url');
  const server = createServer((request, response) => {
    if (!isToken(`Bearer ${token}`, request.headers.authorization ?? '')) {
      response.writeHead(401).end();
      return;
    }
    text(request)
      .then((body) => execute(native, JSON.parse(body) as Request))
      .then(
        (reply) => response.end(JSON.stringify(reply)),
        () => response.writeHead(400).end(),
      );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const address: Address = { url: `http://127.0.0.1:${port}`, token, pid: process.pid };
  writeFileSync(ADDRESS_FILE, JSON.stringify(address), { mode: 0o600 });
  return {
    close: (): void => {
      rmSync(ADDRESS_FILE, { force: true });
      server.close();
      server.closeAllConnections();
    },
  };
};
