// The command line of `npm run secrets`.

import { parseOptions, rejectArgument, UsageError } from '../../../src/composition/command-line.ts';
import { isRecipient, type CreationRule } from './creation-rules.ts';
import { OF_SERVERS, OF_THE_SERVICE } from './values.ts';

const GENERATED = [...OF_THE_SERVICE, ...OF_SERVERS];

export const HELP = `Secrets of an environment in Git, encrypted with sops for the age keys of some people: secrets/<environment>.enc.yaml. Nothing secret is printed.

  npm run secrets -- <command> <environment> [options]

  init <environment>                         create the file with new random values; the first time, a key for yourself as well
    --recipient <age1…>                        who can decrypt it besides you; may be repeated. Without: a recovery key is made
    --replace                                  also when the file has other recipients than the examples of this repository
  check <environment>                        encrypted, recipients as in .sops.yaml; with a key also MAC and values
    --require-key                              fail without a key
  edit <environment>                         change values in $SOPS_EDITOR or $EDITOR; a file with a fault is not taken over
  rotate <environment>                       a new data key
    --new <key>                                and a new random value for a key; may be repeated
  add-recipient <environment> <age1…>        let a person or a machine decrypt the file
  remove-recipient <environment> <age1…>     no longer; with a new data key and new values, because the person knows the old ones
    --yes                                      do not ask
  exec <environment> -- <program> [arg …]    check, then start a program with the decrypted values on its standard input:
                                             npm run secrets -- exec staging -- helm upgrade … --values -

--new takes ${GENERATED.join(', ')}. Other values come from other systems: edit.
The age key is that of SOPS_AGE_KEY_FILE or of sops (~/.config/sops/age/keys.txt), else .local/sops/age-key.txt, which "init" makes. docs/sops.md has more.
Exit codes: 0 success, 1 failure, 64 wrong usage; that of the program after "exec".`;

const OPTIONS = {
  recipient: { type: 'string', multiple: true, default: [] as string[] },
  new: { type: 'string', multiple: true, default: [] as string[] },
  replace: { type: 'boolean', default: false },
  'require-key': { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
} as const;

/** Which options each command has, and how many arguments after the environment. */
const COMMANDS = {
  init: { options: ['recipient', 'replace'], rest: 0 },
  check: { options: ['require-key'], rest: 0 },
  edit: { options: [], rest: 0 },
  rotate: { options: ['new'], rest: 0 },
  'add-recipient': { options: [], rest: 1 },
  'remove-recipient': { options: ['yes'], rest: 1 },
  exec: { options: [], rest: Infinity },
} as const;

export type Command = keyof typeof COMMANDS;
export type Options = {
  readonly command: Command;
  readonly environment: string;
  /** Of `init`; of the commands with one recipient that one. */
  readonly recipients: readonly string[];
  readonly newKeys: readonly string[];
  readonly replace: boolean;
  readonly requireKey: boolean;
  readonly yes: boolean;
  /** Of `exec`. */
  readonly program: readonly string[];
};

const isCommand = (text: string): text is Command => Object.hasOwn(COMMANDS, text);

const requireRecipients = (recipients: readonly string[]): void => {
  if (recipients.some((one) => one.toUpperCase().startsWith('AGE-SECRET-KEY-')))
    throw new UsageError(
      'That is the private key, and now it is in the history of your shell: make a new one. A recipient begins with age1.',
    );
  const wrong = recipients.find((one) => !isRecipient(one));
  if (wrong !== undefined) throw new UsageError(`"${wrong.slice(0, 20)}" is not a recipient of age (age1…)`);
};

const requireKeys = (keys: readonly string[]): void => {
  const wrong = keys.find((key) => !GENERATED.includes(key));
  if (wrong !== undefined) throw new UsageError(`--new takes ${GENERATED.join(', ')}, not "${wrong}"`);
};

const requireFit = (command: Command, rest: readonly string[], given: readonly string[]): void => {
  const { options, rest: count } = COMMANDS[command]; // eslint-disable-line security/detect-object-injection -- a literal type
  const foreign = given.find((name) => !(options as readonly string[]).includes(name));
  if (foreign !== undefined) throw new UsageError(`${command} has no option --${foreign}`);
  if (command === 'exec' && rest.length === 0)
    throw new UsageError('exec: which program? … exec <environment> -- <program>');
  if (count === 1 && rest.length === 0) throw new UsageError(`${command}: which recipient (age1…)?`);
  rejectArgument(rest.slice(count)[0]);
};

const requireEnvironment = (environment: string, rules: readonly CreationRule[]): void => {
  const names = rules.map((rule) => rule.environment);
  if (names.includes(environment)) return;
  const question = environment === '' ? 'which environment?' : `unknown environment "${environment}":`;
  throw new UsageError(`${question} .sops.yaml has rules for ${names.join(', ')}`);
};

/** What follows the first `--` belongs to the program of `exec`. */
const splitProgram = (args: readonly string[]): [string[], string[]] => {
  const at = args.indexOf('--');
  return at < 0 ? [[...args], []] : [args.slice(0, at), args.slice(at + 1)];
};

/** @throws UsageError */
export const readOptions = (args: readonly string[], rules: () => readonly CreationRule[]): Options => {
  const [own, program] = splitProgram(args);
  const { values, positionals } = parseOptions(own, OPTIONS);
  const [command = '', environment = '', ...rest] = positionals;
  if (!isCommand(command)) throw new UsageError(command === '' ? 'which command?' : `unknown command "${command}"`);
  requireEnvironment(environment, rules());
  const given = Object.keys(OPTIONS).filter((name) => own.some((arg) => arg.split('=')[0] === `--${name}`));
  requireFit(command, [...rest, ...program], given);
  const recipients = [...values.recipient, ...(COMMANDS[command].rest === 1 ? rest : [])]; // eslint-disable-line security/detect-object-injection -- a literal type
  requireRecipients(recipients);
  requireKeys(values.new);
  return {
    ...{ command, environment, recipients, newKeys: values.new, program: [...rest, ...program] },
    ...{ replace: values.replace, requireKey: values['require-key'], yes: values.yes },
  };
};
