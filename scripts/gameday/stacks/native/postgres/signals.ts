// Signals to a process and all that it has started: a server such as PostgreSQL is many processes.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const childrenByParent = async (): Promise<Map<number, number[]>> => {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  const children = new Map<number, number[]>();
  for (const line of stdout.trim().split('\n')) {
    const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  return children;
};

/** The process itself first. */
const familyOf = async (pid: number): Promise<number[]> => {
  const children = await childrenByParent();
  const all = (parent: number): number[] => [parent, ...(children.get(parent) ?? []).flatMap(all)];
  return all(pid);
};

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended meanwhile
  }
};

/** @param pid undefined: nothing is running */
export const signalFamily = async (pid: number | undefined, signal: NodeJS.Signals): Promise<void> => {
  if (pid === undefined) return;
  for (const member of await familyOf(pid)) send(member, signal);
};
