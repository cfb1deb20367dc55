// Runs sops and age, and says in words what is wrong. Their error output is shown only where their input is encrypted.

import { spawnSync, type StdioOptions } from 'node:child_process';
import { env } from 'node:process';

import { variable } from '../../../src/config/environment.ts';
import { keyEnvironment } from './age-key.ts';
import { SecretsError } from './secrets-error.ts';

/** Variables with which they are found when they are not on PATH. */
const PROGRAMS = { sops: 'SOPS', age: 'AGE', 'age-keygen': 'AGE_KEYGEN' } as const;

/** .sops.yaml of the repository decides, and nothing of the caller's environment. */
const IGNORED = ['SOPS_CONFIG', 'SOPS_AGE_RECIPIENTS', 'SOPS_PGP_FP', 'SOPS_KMS_ARN'];

type Options = {
  readonly root: string;
  readonly input?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly stdio?: StdioOptions;
};
export type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** @throws SecretsError when the program is not installed */
export const run = (program: keyof typeof PROGRAMS, args: readonly string[], options: Options): Ran => {
  const { root, input = '', variables = {}, stdio = 'pipe' } = options;
  // eslint-disable-next-line security/detect-object-injection -- a literal type
  const path = variable(env, PROGRAMS[program]) ?? program;
  const environment = Object.fromEntries(Object.entries(env).filter(([name]) => !IGNORED.includes(name)));
  const { error, status, stdout, stderr } = spawnSync(path, args, {
    ...{ cwd: root, encoding: 'utf8', stdio },
    ...(stdio === 'pipe' ? { input } : {}),
    env: { ...environment, ...keyEnvironment(), ...variables },
  });
  if (error !== undefined)
    throw new SecretsError(
      `${path} can not be run (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}). docs/sops.md says how to install it.`,
    );
  return { status, stdout, stderr };
};

/** https://github.com/getsops/sops/blob/main/cmd/sops/codes/codes.go */
const CODES = new Map<number | null, string>([
  [24, 'was changed without sops: its MAC does not match'],
  [25, 'was changed without sops: a value can not be decrypted'],
  [51, 'was changed without sops: its MAC does not match'],
  [52, 'has no MAC: nobody would see a change'],
]);

export const NO_KEY = 128;

/** From the most to the least specific text of sops, which wraps its lines. */
const NO_KEY_REASONS = [
  [/not match any of the recipients/, 'none of the age keys here is one of its recipients'],
  [/failed to parse/, 'the file of the age key is not valid'],
  [/./, 'this machine has no age key (SOPS_AGE_KEY_FILE, or keys.txt of sops)'],
] as const;

const whyNoKey = (stderr: string): string => {
  const text = stderr.replaceAll(/[\s|]+/g, ' ');
  return `can not be decrypted: ${NO_KEY_REASONS.find(([pattern]) => pattern.test(text))?.[1] ?? 'there is no key'}`;
};

/** @param what the name of the file, which begins the sentence */
export const explainSops = (what: string, { status, stderr }: Ran, showOutput = false): string => {
  if (status === NO_KEY) return `${what} ${whyNoKey(stderr)}`;
  const reason = CODES.get(status);
  if (reason !== undefined) return `${what} ${reason}`;
  const detail = showOutput ? `: ${stderr.trim().split('\n').at(-1) ?? ''}` : '';
  return `${what}: sops ended with exit code ${String(status)}${detail}`;
};

/** @throws SecretsError unless sops succeeds */
export const sops = (args: readonly string[], what: string, options: Options): string => {
  const ran = run('sops', args, options);
  if (ran.status !== 0) throw new SecretsError(explainSops(what, ran, options.input === undefined));
  return ran.stdout;
};
