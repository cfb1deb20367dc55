// `npm run secrets`: secrets of an environment that are encrypted in Git with sops and age, see docs/sops.md.

import { EXIT, runCommandLine } from '../src/composition/command-line.ts';
import { check } from './secrets/sops/check-command.ts';
import { readRules } from './secrets/sops/creation-rules.ts';
import { edit } from './secrets/sops/edit-command.ts';
import { exec } from './secrets/sops/exec-command.ts';
import { init } from './secrets/sops/init-command.ts';
import { HELP, readOptions, type Command, type Options } from './secrets/sops/options.ts';
import { addRecipient, removeRecipient } from './secrets/sops/recipients-command.ts';
import { rotate } from './secrets/sops/rotate-command.ts';
import { SecretsError } from './secrets/sops/secrets-error.ts';

type Run = (root: string, options: Options, print: (line: string) => void) => unknown;

const COMMANDS: Readonly<Record<Command, Run>> = {
  ...{ init, check, edit, rotate },
  'add-recipient': addRecipient,
  'remove-recipient': removeRecipient,
  exec: (root, options) => {
    process.exitCode = exec(root, options);
  },
};

/** npm starts scripts in the folder of package.json. */
const root = process.cwd();

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

await runCommandLine(HELP, async (args) => {
  try {
    const options = readOptions(args, () => readRules(root));
    await COMMANDS[options.command](root, options, print);
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT.failed;
  }
});
