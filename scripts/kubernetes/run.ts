// Runs kubectl, helm, docker and kind without a shell. A failure is one sentence with the first line of its cause.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { env } from 'node:process';
import { variable } from '../../src/config/environment.ts';

type RunOptions = {
  /** Written to standard input. Default: standard input is empty. */
  readonly input?: string | undefined;
  /** Whether the output is only returned. Default: it is shown as well. */
  readonly quiet?: boolean | undefined;
  /** Ends the command (SIGTERM) when it is aborted. */
  readonly signal?: AbortSignal | undefined;
};

/** A command that could not be started (`missing`), or that ended with another exit code than 0 (`failed`). The message is for the operator. */
export class CommandError extends Error {
  readonly reason: 'missing' | 'failed';
  /** Everything that the command wrote to standard error. */
  readonly stderr: string;

  constructor(reason: 'missing' | 'failed', message: string, stderr = '') {
    super(message);
    this.reason = reason;
    this.stderr = stderr;
  }
}

/** The line that says why a command failed: the first one that is neither empty nor a warning nor a message of a library's log. */
const firstCause = (stderr: string): string | undefined => {
  const lines = stderr.split('\n').map((line) => line.trim());
  const said = lines.filter((line) => line !== '' && !/^(?:warning\b|[IWE]\d{4} |level=)/i.test(line));
  return (said.find((line) => /^error/i.test(line)) ?? said[0])?.replace(/^error: /i, '');
};

/** What was run, without values: options can hold long texts. E.g. `helm upgrade users`. */
const nameOf = (command: string, args: readonly string[]): string => {
  const firstOption = args.findIndex((arg) => arg.startsWith('-'));
  const words = firstOption === -1 ? args : args.slice(0, firstOption);
  return [basename(command), ...words.slice(0, 3)].join(' ');
};

const startFailure = (command: string, error: NodeJS.ErrnoException): CommandError =>
  error.code === 'ENOENT'
    ? new CommandError('missing', `${command} is not installed, or not on the PATH.`)
    : new CommandError('missing', `${command} could not be started: ${error.message}.`);

/**
 * Runs a command in the current folder and environment.
 * @returns its standard output, trimmed
 * @throws CommandError with one sentence that holds the cause
 */
export const run = async (command: string, args: readonly string[], options: RunOptions = {}): Promise<string> => {
  const { input, quiet = false, signal } = options;
  const child = spawn(command, [...args], { stdio: ['pipe', 'pipe', 'pipe'], signal, env });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
    if (!quiet) process.stdout.write(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
    if (!quiet) process.stderr.write(text);
  });
  child.stdin.on('error', () => undefined); // the command may end before it has read everything; its exit code tells
  child.stdin.end(input);
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const [code, endedBy] = await ended.catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    throw startFailure(command, error as NodeJS.ErrnoException);
  });
  if (code === 0) return output.stdout.trim();
  const cause =
    firstCause(output.stderr) ?? (code === null ? `it was ended by ${String(endedBy)}` : `exit code ${String(code)}`);
  throw new CommandError('failed', `${nameOf(command, args)} failed: ${cause}`, output.stderr);
};

/** `kubectl` of the current KUBECONFIG; the variable KUBECTL names another binary. */
export const kubectl = (args: readonly string[], options: RunOptions = {}): Promise<string> =>
  run(variable(env, 'KUBECTL') ?? 'kubectl', args, { quiet: true, ...options });

/** `helm` of the current KUBECONFIG; the variable HELM names another binary. */
export const helm = (args: readonly string[], options: RunOptions = {}): Promise<string> =>
  run(variable(env, 'HELM') ?? 'helm', args, { quiet: true, ...options });

/** Creates or changes objects; what kubectl does not know of them stays. */
export const apply = (namespace: string, ...objects: readonly object[]): Promise<string> =>
  kubectl(['apply', '--namespace', namespace, '--filename', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  });
