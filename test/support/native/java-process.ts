import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { eventually } from '../eventually.ts';
import { endsWithThisProcess } from './ends-with-this-process.ts';

export type JavaProcess = {
  /** Sends the signal and resolves when the process has exited; after two minutes it sends SIGKILL. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Undefined when `java` could not be started. */
  readonly pid: number | undefined;
};

type Options = {
  readonly name: string;
  readonly args: readonly string[];
  /** Throws until the server is ready; `printed` is the end of its log. */
  readonly ready: (printed: string) => void | Promise<void>;
};

const START_DEADLINE_MS = 90_000;
const STOP_DEADLINE_MS = 120_000;
const KEPT_CHARACTERS = 16_000;
const LINES_SHOWN = 15;

/** C1 only and the serial collector: a faster start and a smaller process. */
const SMALL = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

const keepLog = ({ stdout, stderr }: ChildProcess): { text: string } => {
  const log = { text: '' };
  for (const stream of [stdout, stderr])
    stream?.setEncoding('utf8').on('data', (more: string) => (log.text = (log.text + more).slice(-KEPT_CHARACTERS)));
  return log;
};

/** Without stack frames, which would displace the cause. */
const lastLines = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+(?:at |\.{3})/.test(line))
    .slice(-LINES_SHOWN)
    .join('\n');

/**
 * Starts `java` and resolves when it is ready. It is killed when this process ends.
 * @throws with the last lines of its log when it exits before, or is not ready within 90 s
 */
export const startJava = async ({ name, args, ready }: Options): Promise<JavaProcess> => {
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- the installed Java, wherever it is
  const child = spawn('java', [...SMALL, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const state = { over: false };
  const gone = once(child, 'close').finally(() => (state.over = true));
  gone.catch(() => undefined);
  if (child.pid !== undefined) child.once('exit', endsWithThisProcess(child.pid));
  const log = keepLog(child);

  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await gone.finally(() => {
      clearTimeout(late);
    });
  };
  const fail = (what: string): Error => new Error(`${name} ${what}; its last lines:\n${lastLines(log.text)}`);
  const check = async (): Promise<void> => {
    if (!state.over) await ready(log.text);
  };
  await eventually(check, { deadlineMs: START_DEADLINE_MS, everyMs: 50 }).catch(async () => {
    await end('SIGKILL');
    throw fail(`is not ready after ${START_DEADLINE_MS / 1000} s`);
  });
  if (state.over) throw fail('exited during startup');
  return { end, pid: child.pid };
};
