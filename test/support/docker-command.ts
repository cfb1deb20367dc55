import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const LARGEST_OUTPUT_BYTES = 64 * 1024 * 1024;

type Options = {
  /** Default: the root of the repository. */
  readonly cwd?: string;
  /** Standard input. Default: none. */
  readonly input?: string;
};

/**
 * Runs `docker`.
 * @param variables are added to the environment
 * @returns its standard output, trimmed
 * @throws Error with its standard error
 */
export const docker = async (
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  { cwd = ROOT, input = '' }: Options = {},
): Promise<string> => {
  const options = { cwd, maxBuffer: LARGEST_OUTPUT_BYTES, env: { ...env, ...variables } };
  const running = promisify(execFile)('docker', [...args], options);
  running.child.stdin?.on('error', () => undefined).end(input); // it may end without reading it
  return (await running).stdout.trim();
};

/** The same for output with one JSON text per line. */
export const dockerLines = async <T>(args: readonly string[], variables: Record<string, string> = {}): Promise<T[]> => {
  const output = await docker(args, variables);
  return output === '' ? [] : output.split('\n').map((line) => JSON.parse(line) as T);
};
