// `npm run secrets -- add-recipient` and `remove-recipient`

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stderr, stdin } from 'node:process';

import { MIN_RECIPIENTS, readRules, RULES_FILE, withRecipients } from './creation-rules.ts';
import { changeInDraft, decrypt, ruleIn, type Draft } from './draft.ts';
import { pathOf } from './encrypted-file.ts';
import { setNewValues, stillKnown } from './new-values.ts';
import type { Options } from './options.ts';
import { sops } from './programs.ts';
import { SecretsError } from './secrets-error.ts';
import { OF_THE_SERVICE, parseValues } from './values.ts';

type Print = (line: string) => void;

const updateKeys = ({ root, environment, path }: Draft, recipients: readonly string[]): void => {
  const rules = join(root, RULES_FILE);
  writeFileSync(rules, withRecipients(readFileSync(rules, 'utf8'), environment, recipients));
  sops(['updatekeys', '--yes', path], path, { root });
};

/** @throws SecretsError; nothing is changed then */
export const addRecipient = (root: string, { environment, recipients: [added = ''] }: Options, print: Print): void => {
  const { recipients } = ruleIn(readRules(root), environment);
  if (recipients.includes(added)) throw new SecretsError(`${added} is a recipient of ${environment} already`);
  changeInDraft(root, environment, (draft) => {
    updateKeys(draft, [...recipients, added]);
  });
  print(
    `${added} can decrypt ${pathOf(environment)}, and what Git has of it from now on: commit it with ${RULES_FILE}`,
  );
};

/** The first line of standard input, so that it can be piped. */
const confirm = async (question: string): Promise<boolean> => {
  stderr.write(`${question} [y/N] `);
  const terminal = createInterface({ input: stdin });
  for await (const line of terminal) {
    terminal.close();
    return line.trim().toLowerCase() === 'y';
  }
  return false;
};

const remainingIn = (root: string, environment: string, removed: string): string[] => {
  const { recipients } = ruleIn(readRules(root), environment);
  if (!recipients.includes(removed)) throw new SecretsError(`${removed} is no recipient of ${environment}`);
  if (recipients.length <= MIN_RECIPIENTS)
    throw new SecretsError(
      `${environment} would have fewer than ${MIN_RECIPIENTS} recipients: a lost key would be the loss of the file. Add another one first.`,
    );
  return recipients.filter((one) => one !== removed);
};

const othersWith = (root: string, removed: string, environment: string): string[] =>
  readRules(root)
    .filter((rule) => rule.environment !== environment && rule.recipients.includes(removed))
    .map((rule) => rule.environment);

/** @throws SecretsError; nothing is changed then */
export const removeRecipient = async (root: string, options: Options, print: Print): Promise<void> => {
  const {
    environment,
    yes,
    recipients: [removed = ''],
  } = options;
  const path = pathOf(environment);
  const remaining = remainingIn(root, environment, removed);
  const values = parseValues(decrypt(root, environment));
  const keys = OF_THE_SERVICE.filter((key) => Object.hasOwn(values.values, key));
  print(
    `${removed} is removed from ${path}: new data key, new values of ${keys.join(', ')}. Access tokens of the old signing key are refused after the next deployment.`,
  );
  if (!yes && !(await confirm('Continue?'))) throw new SecretsError('Nothing was changed.');
  changeInDraft(root, environment, (draft) => {
    updateKeys(draft, remaining);
    sops(['rotate', '--in-place', path], path, { root: draft.root });
    setNewValues(draft, keys);
  });
  print('Removed. The person still has the old file, in Git, and knows what it contained. Next:');
  for (const line of stillKnown(environment, values)) print(line);
  for (const other of othersWith(root, removed, environment))
    print(`- also a recipient of ${other}: npm run secrets -- remove-recipient ${other} ${removed}`);
  print('- commit both files and deploy: until then the old values are in use');
};
