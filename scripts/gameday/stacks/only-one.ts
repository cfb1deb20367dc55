// One stack of a kind at a time: a file with the id of the process that runs it.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const ownerOf = (file: string): number | undefined => {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
};

/** @returns what releases it. @throws Error when a process that runs has it. A process that was killed has left it */
export const claim = (file: string, what: string): (() => void) => {
  const owner = ownerOf(file);
  if (owner !== undefined && isAlive(owner)) throw new Error(`${what} is running already: process ${owner}.`);
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  writeFileSync(file, String(process.pid), { flag: 'wx' }); // fails when another one has just claimed it
  return () => {
    rmSync(file, { force: true });
  };
};
