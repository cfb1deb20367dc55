// Runs a program of src/bin in a child process, and lets a test wait for its output.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

// eslint-disable-next-line n/no-process-env -- child processes need them
const { PATH, HOME } = process.env;
const HERE = join(import.meta.dirname, '../..');

type Options = {
  /** The repository root, e.g. of another release. Default: this checkout. */
  readonly root?: string;
  /** Default: `root`. */
  readonly cwd?: string;
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
  readonly execArgv?: readonly string[];
};

/** Starts `src/bin/<program>.ts`. Its environment contains only PATH, HOME and `env`. */
export const startProgram = (program: string, options: Options = {}) => {
  const { root = HERE, cwd = root, args = [], env = {}, execArgv = [] } = options;
  const child = spawn(process.execPath, [...execArgv, join(root, 'src/bin', `${program}.ts`), ...args], {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    output,
    /** The exit code; null after a signal. */
    exited,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** Resolves with the first match in standard output. */
    prints: (pattern: RegExp): Promise<RegExpExecArray> =>
      eventually(
        () => {
          const match = pattern.exec(output.stdout);
          if (match !== null) return match;
          const text = `${output.stdout}${output.stderr}`;
          throw new Error(
            `no match of ${String(pattern)} in the output of ${program} (exit ${String(child.exitCode)}):\n${text}`,
          );
        },
        { deadlineMs: 30_000 },
      ),
  };
};
