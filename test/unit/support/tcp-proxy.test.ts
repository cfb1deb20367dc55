import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { makeTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';

let echo: Server;
let proxy: TcpProxy;
let clients: Socket[];

const dial = (): Socket => {
  const client = connect(proxy.port, proxy.host).on('error', () => undefined);
  clients.push(client);
  return client;
};

const open = async (): Promise<Socket> => {
  const client = dial();
  await once(client, 'connect');
  return client;
};

/** Unlike `once`, resolves after a reset, too. */
const closing = (socket: Socket): Promise<void> =>
  new Promise((closed) => {
    if (socket.closed) closed();
    else
      socket.once('close', () => {
        closed();
      });
  });

const ask = async (client: Socket, text: string): Promise<string> => {
  client.write(text);
  const [response] = (await once(client, 'data')) as [Buffer];
  return response.toString();
};

beforeEach(async () => {
  clients = [];
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await makeTcpProxy({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  await proxy.close();
  echo.close();
});

describe('the TCP proxy', () => {
  it('forwards bytes in both directions', async () => {
    expect(await ask(await open(), 'hello')).toBe('hello');
  });

  it('closes connections and rejects new ones while it is down', async () => {
    const before = await open();
    await ask(before, 'hello');
    proxy.down();
    await closing(before);
    const after = dial();
    await closing(after);
    expect([before.destroyed, after.destroyed]).toEqual([true, true]);
  });

  it('accepts connections and forwards nothing while it hangs', async () => {
    const before = await open();
    await ask(before, 'hello');
    proxy.hang();
    const responses = [ask(before, 'there?'), ask(await open(), 'there?')];
    const silence = new Promise((resolve) => setTimeout(resolve, 100, 'silence'));
    expect(await Promise.race([...responses, silence])).toBe('silence');
    expect(before.destroyed).toBe(false);
  });

  it.each([
    [
      'down',
      (it: TcpProxy) => {
        it.down();
      },
    ],
    [
      'hang',
      (it: TcpProxy) => {
        it.hang();
      },
    ],
  ] as const)('serves new connections again after %s and up', async (_, fault) => {
    const before = await open();
    await ask(before, 'hello');
    fault(proxy);
    proxy.up();
    await closing(before);
    expect(await ask(await open(), 'again')).toBe('again');
  });
});
