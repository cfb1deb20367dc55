// One process of the service: a program with its ports, whose output goes to a file.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

import { eventually } from '../../../../test/support/eventually.ts';
import { endsWithThisProcess } from '../../../../test/support/native/ends-with-this-process.ts';
import { ROOT, type State } from '../stack.ts';

const READY_DEADLINE_MS = 60_000;
/** Longer than LIFECYCLE_SHUTDOWN_TIMEOUT_MS. */
const GRACE_MS = 15_000;
const PROBE_TIMEOUT_MS = 2000;

export type Launch = {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Output is appended. */
  readonly logFile: string;
  readonly managementUrl: string;
};

const lastLines = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n');

const start = ({ args, env, logFile }: Launch) => {
  const log = openSync(logFile, 'a');
  // eslint-disable-next-line n/no-process-env -- child processes need them
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  if (child.pid !== undefined) child.once('exit', endsWithThisProcess(child.pid));
  return child;
};

/** Starts it; `ready` waits until it can work. A process that ends stays down. */
export const startInstance = (launch: Launch) => {
  const child = start(launch);
  const exited = once(child, 'exit');
  let paused = false;
  const state = (): State => {
    if (child.exitCode !== null || child.signalCode !== null) return 'down';
    return paused ? 'paused' : 'running';
  };

  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (state() === 'down') return;
    child.kill(state() === 'paused' ? 'SIGKILL' : signal);
    const late = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await exited;
    clearTimeout(late);
  };

  const ready = (): Promise<void> => {
    let ended = false;
    const probe = async (): Promise<void> => {
      if (state() === 'down') {
        ended = true;
        return;
      }
      const response = await fetch(`${launch.managementUrl}/health/ready`, {
        signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
      });
      const body = await response.text();
      if (!response.ok) throw new Error(`is not ready after ${READY_DEADLINE_MS / 1000} s: ${body}`);
    };
    return eventually(probe, { deadlineMs: READY_DEADLINE_MS, everyMs: 100 }).then(() => {
      if (ended)
        throw new Error(`ended with ${String(child.exitCode ?? child.signalCode)}:\n${lastLines(launch.logFile)}`);
    });
  };

  return {
    pid: child.pid,
    state,
    end,
    ready,
    pause: (): void => {
      paused = child.kill('SIGSTOP');
    },
    resume: (): void => {
      child.kill('SIGCONT');
      paused = false;
    },
  };
};

export type Instance = ReturnType<typeof startInstance>;
