// What processes print, in files. The log of a container is gone when Compose replaces it, so each container is followed from its start.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { PROCESSES, type Process } from '../stack.ts';

type Event = {
  readonly status: string;
  readonly id: string;
  readonly timeNano: number;
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> };
};

const SERVICE = 'com.docker.compose.service';
const NANOSECONDS = 1e9;

const eventsOf = (project: string): string[] => [
  ...['events', '--format', '{{json .}}', '--filter', `label=com.docker.compose.project=${project}`],
  ...['--filter', 'type=container', '--filter', 'event=start', '--filter', 'event=die'],
];

/** Before the containers start. @param folder for the files, is replaced */
export const followLogs = (project: string, folder: string) => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const fileOf = (process: Process): string => join(folder, `${process}.log`);
  const children = new Set<ChildProcess>();
  /** When each container ended, in seconds since the epoch: what it has printed before is in the file. */
  const endedAt = new Map<string, string>();

  const follow = (process: Process, id: string): void => {
    const since = endedAt.get(id);
    const file = openSync(fileOf(process), 'a');
    const args = ['logs', '--follow', ...(since === undefined ? [] : ['--since', since]), id];
    // eslint-disable-next-line sonarjs/no-os-command-from-path -- runs on a developer's machine and in CI
    const child = spawn('docker', args, { stdio: ['ignore', file, file] });
    closeSync(file);
    children.add(child);
    child.once('exit', () => children.delete(child)).once('error', () => children.delete(child));
  };
  for (const name of PROCESSES) closeSync(openSync(fileOf(name), 'a'));
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- runs on a developer's machine and in CI
  const events = spawn('docker', eventsOf(project), { stdio: ['ignore', 'pipe', 'ignore'] });
  createInterface({ input: events.stdout }).on('line', (line) => {
    const { status, id, timeNano, Actor } = JSON.parse(line) as Event;
    const name = PROCESSES.find((known) => known === new Map(Object.entries(Actor.Attributes)).get(SERVICE));
    if (status === 'die') endedAt.set(id, (timeNano / NANOSECONDS).toFixed(6));
    else if (name !== undefined) follow(name, id);
  });

  return {
    outputOf: (process: Process): Promise<string> => readFile(fileOf(process), 'utf8'),
    close: async (): Promise<void> => {
      const all = [events, ...children].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
      const ended = all.map((child) => once(child, 'exit'));
      for (const child of all) child.kill();
      await Promise.all(ended);
    },
  };
};

export type Logs = ReturnType<typeof followLogs>;
