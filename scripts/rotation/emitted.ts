// What the processes emit, kept in files: lines of their logs, spans as the tracer sends them, metrics as they are scraped.

import { once } from 'node:events';
import { appendFileSync, createWriteStream, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const SCRAPE_EVERY_MS = 500;
const SCRAPE_TIMEOUT_MS = 5000;

/** Receives spans like a Datadog agent and appends every request to a file. */
const receiveSpans = async (file: string) => {
  const output = createWriteStream(file);
  const server = createServer((request, response) => {
    request.on('data', (bytes: Buffer) => output.write(bytes));
    request.on('end', () => response.end('{}'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async (): Promise<void> => {
      server.close();
      server.closeAllConnections();
      output.end();
      await once(output, 'finish');
    },
  };
};

/** @param folder is created */
export const collectEmitted = async (folder: string) => {
  mkdirSync(folder, { recursive: true });
  const spansFile = join(folder, 'spans.msgpack');
  const spans = await receiveSpans(spansFile);
  const files = new Set([spansFile]);
  const timers: NodeJS.Timeout[] = [];
  const scrape = async (url: string, file: string): Promise<void> => {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(SCRAPE_TIMEOUT_MS) });
    appendFileSync(file, await response.text());
  };
  return {
    folder,
    tracesUrl: spans.url,
    files: (): readonly string[] => [...files],
    logFileOf: (process: string): string => {
      const file = join(folder, `${process}.log`);
      files.add(file);
      return file;
    },
    /** A file of another program that is searched as well. */
    add: (file: string): void => {
      files.add(file);
    },
    scrape: (process: string, managementUrl: string): void => {
      const file = join(folder, `${process}.metrics`);
      files.add(file);
      const timer = setInterval(() => {
        scrape(managementUrl, file).catch(() => undefined); // it is being stopped
      }, SCRAPE_EVERY_MS);
      timers.push(timer);
    },
    close: async (): Promise<void> => {
      for (const timer of timers) clearInterval(timer);
      await spans.close();
    },
  };
};

export type Emitted = Awaited<ReturnType<typeof collectEmitted>>;
