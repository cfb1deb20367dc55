// The frame of a command line: --help, options, error messages, exit codes.

import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

import { CONFIG_EXIT_CODE, ConfigError, describeFaults } from '../config/config-error.ts';
import { CodedError } from '../errors/coded-error.ts';
import { describeCauses } from '../observability/describe-error.ts';

/** 64 (wrong usage) and 78 (invalid configuration) are from sysexits.h; 130 is what a shell reports for Ctrl-C. */
export const EXIT = { done: 0, failed: 1, usage: 64, config: CONFIG_EXIT_CODE, interrupted: 130 } as const;

/** The command line is wrong. The message is printed above the help text. */
export class UsageError extends Error {}

/** @throws UsageError when there is an argument where none belongs */
export const rejectArgument = (argument: string | undefined): void => {
  if (argument !== undefined) throw new UsageError(`unexpected argument "${argument}"`);
};

/**
 * Options and positional arguments, as `parseArgs` of node:util reads them.
 * @throws UsageError for an unknown option, or one that lacks its value
 */
export const parseOptions = <const O extends ParseArgsOptionsConfig>(args: readonly string[], options: O) => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
};

/**
 * The value of an option that takes a number.
 * @throws UsageError
 */
export const readInteger = (option: string, text: string, [min, max]: readonly [number, number]): number => {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) throw new UsageError(`${option} must be an integer from ${min} to ${max}`);
  return value;
};

/** An error that an operator can fix: its message with its causes in one line, and a list of faults. Any other: its stack, and its causes in one line. */
export const describeFailure = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof CodedError)
    return [describeCauses(error), ...error.faults.map(({ detail }) => `- ${detail}`)].join('\n');
  const stack = error.stack ?? error.message;
  return error.cause instanceof Error ? `${stack}\n- ${describeCauses(error.cause)}` : stack;
};

/** What goes to standard error, and the exit code. */
export const explain = (error: unknown, help: string): { readonly text: string; readonly code: number } => {
  if (error instanceof UsageError) return { text: `${error.message}\n\n${help}`, code: EXIT.usage };
  if (error instanceof ConfigError) return { text: describeFaults(error), code: EXIT.config };
  return { text: describeFailure(error), code: EXIT.failed };
};

/** Resolves with the result of `run` for the arguments of this process. With --help, or when `run` fails, it ends the process. */
export const runCommandLine = async <T>(help: string, run: (args: readonly string[]) => T | Promise<T>): Promise<T> => {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args[0] === 'help') {
    process.stdout.write(`${help}\n`);
    process.exit(EXIT.done);
  }
  try {
    return await run(args);
  } catch (error) {
    const { text, code } = explain(error, help);
    process.stderr.write(`${text}\n`);
    return process.exit(code);
  }
};
