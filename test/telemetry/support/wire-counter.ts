// Proxies that count what a client sends: the statements that PostgreSQL executes, the commands that Redis gets.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

type Address = { readonly host: string; readonly port: number };
/** Takes the complete messages from the front of `bytes`. @returns the rest */
type Consume = (bytes: Buffer) => Buffer;

const TYPE = 1;
const LENGTH = 4;

/** Frontend messages: a start-up packet without a type, then a type, a length, and content. Simple queries and executions are statements. */
const countStatements = (onStatement: () => void): Consume => {
  let isStarted = false;
  return (bytes) => {
    let at = 0;
    for (;;) {
      const head = isStarted ? TYPE : 0;
      if (bytes.length < at + head + LENGTH) return bytes.subarray(at);
      const end = at + head + bytes.readUInt32BE(at + head);
      if (bytes.length < end) return bytes.subarray(at);
      if (isStarted && 'QE'.includes(String.fromCharCode(bytes.readUInt8(at)))) onStatement();
      isStarted = true;
      at = end;
    }
  };
};

const CRLF = 2;

/** RESP: an array of texts with their lengths for each command. */
const countCommands =
  (onCommand: () => void): Consume =>
  (bytes) => {
    let at = 0;
    const lengthAt = (from: number): [length: number, end: number] | undefined => {
      const end = bytes.indexOf('\r\n', from);
      return end === -1 ? undefined : [Number(bytes.toString('latin1', from + 1, end)), end + CRLF];
    };
    const endOfCommand = (): number | undefined => {
      const [parts, start] = lengthAt(at) ?? [0, undefined];
      let end = start;
      for (let part = 0; part < parts && end !== undefined; part += 1) {
        const [length, from] = lengthAt(end) ?? [0, undefined];
        end = from === undefined ? undefined : from + length + CRLF;
      }
      return end !== undefined && end <= bytes.length ? end : undefined;
    };
    for (let end = endOfCommand(); end !== undefined; end = at < bytes.length ? endOfCommand() : undefined) {
      onCommand();
      at = end;
    }
    return bytes.subarray(at);
  };

const makeCounter = async (upstream: Address, makeConsume: (onMessage: () => void) => Consume) => {
  let count = 0;
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect(upstream);
    const consume = makeConsume(() => (count += 1));
    let rest = Buffer.alloc(0);
    client.on('data', (bytes: Buffer) => {
      rest = Buffer.from(consume(Buffer.concat([rest, bytes])));
    });
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) sockets.add(socket.on('error', () => socket.destroy()));
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    host: '127.0.0.1',
    port: (listener.address() as AddressInfo).port,
    count: (): number => count,
    close: (): void => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    },
  };
};

export const countPostgres = (upstream: Address) => makeCounter(upstream, countStatements);
export const countRedis = (upstream: Address) => makeCounter(upstream, countCommands);

export type WireCounter = Awaited<ReturnType<typeof makeCounter>>;
