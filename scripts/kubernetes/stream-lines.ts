// A `kubectl` command that runs until it is stopped, read line by line.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { env } from 'node:process';
import { variable } from '../../src/config/environment.ts';

/**
 * @param onLine is called for each line of standard output
 * @param onEnd is called with the last words of the command if it ends before it is stopped
 */
export const streamLines = (
  args: readonly string[],
  onLine: (line: string) => void,
  onEnd: (reason: string) => void,
): { readonly stop: () => void } => {
  const child = spawn(variable(env, 'KUBECTL') ?? 'kubectl', [...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let isStopped = false;
  let said = '';
  createInterface({ input: child.stdout }).on('line', onLine);
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.on('error', ({ message }) => {
    onEnd(message);
  });
  child.on('close', (code) => {
    if (!isStopped) onEnd(`exit code ${String(code)} ${said.trim().split('\n').at(-1) ?? ''}`);
  });
  return {
    stop: () => {
      isStopped = true;
      child.kill();
    },
  };
};
