// Lines wait here and are written together, synchronously: the price of a line is its share of one system call, lines keep their
// order, and none can be lost between an asynchronous write under way and the end of the process. A second is the longest wait.

import { pino, type DestinationStream } from 'pino';

const BUNDLE_CHARACTERS = 4096;
const LONGEST_WAIT_MS = 1000;

export type FlushableStream = DestinationStream & { flushSync(): void };

/** @param dest where the lines go: a file descriptor or a path */
export const makeLineBuffer = (dest: number | string): FlushableStream => {
  const stream = pino.destination({ dest, sync: true });
  let waiting = '';

  const flushSync = (): void => {
    if (waiting === '') return;
    stream.write(waiting);
    waiting = '';
  };
  setInterval(flushSync, LONGEST_WAIT_MS).unref();
  process.once('exit', flushSync);

  return {
    write: (line) => {
      waiting += line;
      if (waiting.length >= BUNDLE_CHARACTERS) flushSync();
    },
    flushSync,
  };
};
