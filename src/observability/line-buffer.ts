// Buffers log lines and writes them together, synchronously: many lines share one system call, lines keep their order, and none is
// lost in a pending asynchronous write when the process ends. A line waits at most one second.

import { pino, type DestinationStream } from 'pino';

const MAX_CHARACTERS = 4096;
const FLUSH_EVERY_MS = 1000;

export type FlushableStream = DestinationStream & { flushSync(): void };

/** @param dest a file descriptor or a path */
export const makeLineBuffer = (dest: number | string): FlushableStream => {
  const stream = pino.destination({ dest, sync: true });
  let buffered = '';

  const flushSync = (): void => {
    if (buffered === '') return;
    stream.write(buffered);
    buffered = '';
  };
  setInterval(flushSync, FLUSH_EVERY_MS).unref();
  process.once('exit', flushSync);

  return {
    write: (line) => {
      buffered += line;
      if (buffered.length >= MAX_CHARACTERS) flushSync();
    },
    flushSync,
  };
};
