// The command line of `npm run deploy:secrets`.

import { readFileSync } from 'node:fs';

import { parseClients } from '../../src/auth/clients.ts';
import { parseKeySet } from '../../src/auth/tokens/key-set.ts';
import { parseOptions, rejectArgument, UsageError } from '../../src/composition/command-line.ts';
import { CodedError } from '../../src/errors/coded-error.ts';
import { GIVEN_KEYS } from './plan.ts';

export const HELP = `Creates the Kubernetes Secrets that the chart user-service mounts, with random values. Nothing secret is printed.
Existing keys are kept and missing ones added, so it can be repeated.

  npm run deploy:secrets -- --namespace <namespace> [options]

  --namespace <namespace>   the namespace, which has to exist
  --name <name>             name of the Secret (default: user-service); the one of migrations is <name>-migration
  --from-file <key>=<path>  the content of a file instead of a random value, for a password that a server has already; may be repeated.
                            Keys: ${GIVEN_KEYS.join(', ')}
  --dry-run                 print what would be added, change nothing
  --help                    print this text

The cluster is the current context of KUBECONFIG; without KUBECONFIG it is that of npm run demo:kind.
Exit codes: 0 success, 1 failure, 64 wrong usage.`;

export type Options = {
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  /** Texts from files, by key. */
  readonly given: ReadonlyMap<string, string>;
};

const OPTIONS = {
  namespace: { type: 'string' },
  name: { type: 'string', default: 'user-service' },
  'from-file': { type: 'string', multiple: true, default: [] as string[] },
  'dry-run': { type: 'boolean', default: false },
} as const;

/** RFC 1123, with room for "-migration". */
const LABEL = /^[a-z0-9][a-z0-9-]{0,51}$/;

const nameIn = (option: string, text: string | undefined): string => {
  if (!text) throw new UsageError(`missing option --${option}`);
  if (!LABEL.test(text) || text.endsWith('-'))
    throw new UsageError(`invalid value "${text}" for --${option}: it takes lower-case letters, digits and dashes`);
  return text;
};

/** What the service would refuse is refused here. The messages of these errors contain nothing of the content. */
const PARSERS = new Map<string, (text: string) => unknown>([
  ['auth_signing_keys', parseKeySet],
  ['auth_clients', parseClients],
]);

const validate = (key: string, text: string): void => {
  try {
    PARSERS.get(key)?.(text);
  } catch (error) {
    throw new UsageError(
      `--from-file ${key}: the file ${error instanceof CodedError ? error.message : 'is not valid'}`,
    );
  }
};

/** The content without its last line break, as the service reads a secret file. */
const readText = (path: string, key: string): string => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    throw new UsageError(`--from-file ${key}: ${path} cannot be read (${code})`, { cause: error });
  }
  if (text.trim() === '') throw new UsageError(`--from-file ${key}: ${path} is empty`);
  validate(key, text);
  return text;
};

const readGiven = (pairs: readonly string[]): ReadonlyMap<string, string> => {
  const given = new Map<string, string>();
  for (const pair of pairs) {
    const [, key = '', path = ''] = /^([^=]*)=(.+)$/s.exec(pair) ?? [];
    if (path === '') throw new UsageError('--from-file takes <key>=<path>');
    if (!GIVEN_KEYS.includes(key))
      throw new UsageError(`--from-file: unknown key "${key}", known are ${GIVEN_KEYS.join(', ')}`);
    if (given.has(key)) throw new UsageError(`--from-file ${key} is given twice`);
    given.set(key, readText(path, key));
  }
  return given;
};

/** @throws UsageError, never with the content of a file */
export const readOptions = (args: readonly string[]): Options => {
  const { values, positionals } = parseOptions(args, OPTIONS);
  rejectArgument(positionals[0]);
  return {
    namespace: nameIn('namespace', values.namespace),
    name: nameIn('name', values.name),
    dryRun: values['dry-run'],
    given: readGiven(values['from-file']),
  };
};
