// Runs blocks of a page as a reader would in one terminal: exported variables stay from block to block, and the first failing command ends a block.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';

const ROOT = join(import.meta.dirname, '../..');
const DEADLINE_MS = 20 * 60_000;

export type RunOptions = {
  /** Prints nothing. */
  readonly quiet?: boolean;
  /** Standard input, for example `y\n` for a block that asks. Default: none. */
  readonly input?: string;
  /** Ends the script and all that it has started. */
  readonly signal?: AbortSignal;
};

const killGroup = (pid: number | undefined): void => {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended meanwhile
  }
};

export type Shell = {
  /** @returns what the script printed, both streams. @throws Error with the end of that output when it fails or takes longer than 20 minutes; its cause is the whole output */
  readonly run: (script: string, options?: RunOptions) => Promise<string>;
  /** Removes the folder for temporary files. */
  readonly close: () => void;
};

/**
 * @param variables environment of the first block, in addition to that of this process and FOLDER, a folder for temporary files
 * @param root where the blocks run: the repository, or another checkout of it
 */
export const openShell = (variables: Readonly<Record<string, string>>, root = ROOT): Shell => {
  const folder = mkdtempSync(join(tmpdir(), 'delivery-'));
  const state = join(folder, 'environment');
  const run: Shell['run'] = async (script, { quiet = false, input = '', signal } = {}) => {
    const whole = [
      `if [ -f '${state}' ]; then . '${state}'; fi`,
      `trap 'code=$?; export -p > "${state}"; exit $code' EXIT`,
      script,
    ].join('\n');
    // eslint-disable-next-line sonarjs/no-os-command-from-path -- runs on a developer's machine
    const child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', whole], {
      cwd: root,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...env, FOLDER: folder, ...variables },
      signal: AbortSignal.timeout(DEADLINE_MS),
      detached: signal !== undefined, // a process group of its own
    });
    const abort = (): void => {
      killGroup(child.pid);
    };
    signal?.addEventListener('abort', abort);
    child.stdin.on('error', () => undefined).end(input); // a script may end without reading it
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        if (!quiet) process.stdout.write(text);
        output += text;
      });
    const [code] = (await once(child, 'close').finally(() => signal?.removeEventListener('abort', abort))) as [
      number | null,
    ];
    signal?.throwIfAborted();
    if (code === 0) return output;
    const end = output.trim().split('\n').slice(-3).join(' | ');
    throw new Error(`exit code ${String(code)}: ${end}`, { cause: output });
  };
  return {
    run,
    close: () => {
      rmSync(folder, { recursive: true });
    },
  };
};
