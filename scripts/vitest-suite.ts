// Runs Vitest, forwards its output and returns its lines and counts, for scripts whose tests print figures.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { env } from 'node:process';
import { stripVTControlCharacters } from 'node:util';

export type SuiteResult = {
  /** Standard output without colour codes. */
  readonly lines: readonly string[];
  readonly passed: number;
  /** At least 1 if the exit code is not 0. */
  readonly failed: number;
  readonly skipped: number;
};

const countOf = (word: 'passed' | 'failed' | 'skipped', summary: string): number =>
  Number(new RegExp(`\\b(\\d{1,5}) ${word}`).exec(summary)?.[1] ?? '0'); // eslint-disable-line security/detect-non-literal-regexp -- one of three words

/**
 * @param args of `vitest run`
 * @param settings additional environment variables
 */
export const runVitest = async (
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<SuiteResult> => {
  // eslint-disable-next-line sonarjs/no-os-command-from-path -- runs on a developer's machine
  const child = spawn('npx', ['vitest', 'run', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...env, ...settings },
    shell: process.platform === 'win32',
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text);
    output += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = stripVTControlCharacters(output).split('\n');
  const summary = lines.findLast((line) => line.trimStart().startsWith('Tests ')) ?? '';
  const failed = countOf('failed', summary);
  return {
    lines,
    passed: countOf('passed', summary),
    failed: code === 0 ? failed : Math.max(1, failed), // a failed set-up reports no counts
    skipped: countOf('skipped', summary),
  };
};
