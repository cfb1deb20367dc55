// Runs a command of scripts/ as a person would, in a process of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { env } from 'node:process';

const ROOT = join(import.meta.dirname, '../../..');

export type ScriptResult = { readonly code: number | null; readonly output: string };

/** @param input standard input */
export const runScript = async (
  script: 'backup' | 'restore',
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  input = '',
): Promise<ScriptResult> => {
  const child = spawn(process.execPath, [join(ROOT, 'scripts', `${script}.ts`), ...args], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: env.PATH, HOME: env.HOME, ...variables },
  });
  child.stdin.end(input);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
};
