// A change is made in a copy, checked there, and takes the place of the files in the repository only if it is right.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EXAMPLE_RECIPIENTS, parseRules, RULES_FILE, type CreationRule } from './creation-rules.ts';
import { encryptedFileFaults, pathOf, recipientsOf } from './encrypted-file.ts';
import { explainSops, NO_KEY, run } from './programs.ts';
import { SecretsError } from './secrets-error.ts';
import { valueFaults } from './values.ts';

export type Draft = {
  /** A folder with .sops.yaml and secrets/<environment>.enc.yaml. */
  readonly root: string;
  readonly environment: string;
  /** Path of the encrypted file in `root`. */
  readonly path: string;
};

export const ruleIn = (rules: readonly CreationRule[], environment: string): CreationRule => {
  const rule = rules.find((one) => one.environment === environment);
  if (rule === undefined) throw new SecretsError(`${RULES_FILE} has no rule for ${environment}`);
  return rule;
};

/** @throws SecretsError when there is no file */
export const readEncrypted = (root: string, environment: string): string => {
  const path = pathOf(environment);
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    throw new SecretsError(`There is no ${path}: npm run secrets -- init ${environment}`);
  }
};

/** @throws SecretsError with the faults that are visible without a key */
export const requireEncrypted = (root: string, environment: string): void => {
  const rule = ruleIn(parseRules(readFileSync(join(root, RULES_FILE), 'utf8')), environment);
  const faults = encryptedFileFaults(readEncrypted(root, environment), rule);
  if (faults.length > 0) throw new SecretsError(`${pathOf(environment)} is refused:`, faults);
};

/** No key of this machine can decrypt the file. */
export class NoKeyError extends SecretsError {}

const exampleHint = (root: string, environment: string): string =>
  recipientsOf(readEncrypted(root, environment)).every((one) => EXAMPLE_RECIPIENTS.includes(one))
    ? `. It is an example that nobody can decrypt: npm run secrets -- init ${environment}`
    : '';

/** The decrypted text, whose MAC sops has verified. @throws NoKeyError, SecretsError */
export const decryptText = (root: string, environment: string): string => {
  const path = pathOf(environment);
  const ran = run('sops', ['decrypt', path], { root });
  if (ran.status === 0) return ran.stdout;
  const reason = explainSops(path, ran);
  throw ran.status === NO_KEY ? new NoKeyError(`${reason}${exampleHint(root, environment)}`) : new SecretsError(reason);
};

/** The decrypted text, whose values the service would take. @throws NoKeyError, SecretsError */
export const decrypt = (root: string, environment: string): string => {
  const text = decryptText(root, environment);
  const faults = valueFaults(text);
  if (faults.length > 0) throw new SecretsError(`${pathOf(environment)} is refused:`, faults);
  return text;
};

const replace = (from: string, to: string): void => {
  cpSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
};

/**
 * Copies .sops.yaml and, if `present`, the encrypted file, lets `change` work on the copies, checks them and puts them in place.
 * @param change `false` when there is nothing to put in place
 * @throws SecretsError; nothing is changed then
 */
export const changeInDraft = (
  root: string,
  environment: string,
  change: (draft: Draft) => boolean | undefined | void, // eslint-disable-line @typescript-eslint/no-invalid-void-type -- most changes always happen
  present = true,
): boolean => {
  const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  const path = pathOf(environment);
  try {
    mkdirSync(join(folder, 'secrets'));
    cpSync(join(root, RULES_FILE), join(folder, RULES_FILE));
    if (present) writeFileSync(join(folder, path), readEncrypted(root, environment));
    if (change({ root: folder, environment, path }) === false) return false;
    requireEncrypted(folder, environment);
    decrypt(folder, environment);
    mkdirSync(join(root, 'secrets'), { recursive: true });
    for (const file of [path, RULES_FILE]) replace(join(folder, file), join(root, file));
    return true;
  } finally {
    rmSync(folder, { recursive: true });
  }
};
