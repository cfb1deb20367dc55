// Starts the program `vault` as a server or an agent. It ends with this process.

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

import { endsWithThisProcess } from '../../test/support/native/ends-with-this-process.ts';

export type Running = {
  readonly pid: number | undefined;
  /** Whether it has ended. */
  readonly ended: () => boolean;
  /** The exit code; null after a signal, or when the program can't be run. */
  readonly exited: Promise<number | null>;
  /** SIGTERM, after 5 seconds SIGKILL. */
  readonly stop: () => Promise<void>;
  /** SIGKILL. */
  readonly kill: () => Promise<void>;
  /** SIGSTOP: it accepts connections and answers nothing. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** The end of its log. */
  readonly log: () => string;
};

const GRACE_MS = 5000;

type Launch = {
  /** The program, e.g. `vault`. */
  readonly vault: string;
  readonly args: readonly string[];
  /** The working folder. */
  readonly directory: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Output is appended. */
  readonly logFile: string;
};

const spawnWithLog = ({ vault, args, directory, env = {}, logFile }: Launch): ChildProcess => {
  const log = openSync(logFile, 'a', 0o600);
  // eslint-disable-next-line n/no-process-env -- child processes need them
  const { PATH = '', HOME = '' } = process.env;
  // a process group of its own: Ctrl-C in the terminal ends this process, which ends it last
  const child = spawn(vault, [...args], {
    cwd: directory,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  return child;
};

export const runVault = (launch: Launch): Running => {
  const child = spawnWithLog(launch);
  const release = child.pid === undefined ? undefined : endsWithThisProcess(child.pid);
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', () => {
      resolve(null);
    });
    child.once('exit', resolve);
  }).finally(() => release?.());
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill('SIGCONT');
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await exited;
    clearTimeout(late);
  };
  return {
    pid: child.pid,
    ended: () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null,
    exited,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    pause: () => {
      child.kill('SIGSTOP');
    },
    resume: () => {
      child.kill('SIGCONT');
    },
    log: () => readFileSync(launch.logFile, 'utf8').slice(-4000),
  };
};
