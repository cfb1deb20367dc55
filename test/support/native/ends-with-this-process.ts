import { spawn } from 'node:child_process';

/**
 * Kills a process when this one ends, even by SIGKILL: the guard then reads the end of its input. The guard has a process group of its own, so that
 * Ctrl-C in a terminal does not end it.
 * @returns a function that ends the guard: call it when the process has ended, because process ids are used again
 */
export const endsWithThisProcess = (pid: number): (() => void) => {
  const guard = spawn('/bin/sh', ['-c', `read -r _; kill -9 ${pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.stdin.on('error', () => undefined);
  return () => {
    guard.kill('SIGKILL');
  };
};
