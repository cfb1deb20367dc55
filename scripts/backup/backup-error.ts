import { EXIT, runCommandLine } from '../../src/composition/command-line.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { describeCauses } from '../../src/observability/describe-error.ts';

/** What a person has to change or to know. */
export class BackupError extends Error {}

/** Errors of servers, programs and the file system have a code, and their message says enough. */
const needsNoStack = (error: unknown): boolean =>
  error instanceof BackupError || (error instanceof Error && 'code' in error && !(error instanceof ConfigError));

/** Runs a command line. Such an error ends it with exit code 1 and one line, without a stack. */
export const runBackupCommand = (help: string, run: (args: readonly string[]) => Promise<number>): Promise<number> =>
  runCommandLine(help, async (args) => {
    try {
      return await run(args);
    } catch (error) {
      if (!needsNoStack(error)) throw error;
      process.stderr.write(`${describeCauses(error)}\n`);
      return EXIT.failed;
    }
  });

export const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Prints lines with the seconds since now. */
export const makeReport = () => {
  const start = performance.now();
  return (line: string): void => {
    print(`${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  };
};
