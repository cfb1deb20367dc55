// `npm run secrets -- init`: the file of an environment with new random values, and keys where there are none.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';

import { stringify } from 'yaml';

import { variable } from '../../../src/config/environment.ts';
import { keyFile, makeFolderOf, recoveryKeyFile } from './age-key.ts';
import { readRules, RULES_FILE, withRecipients } from './creation-rules.ts';
import { changeInDraft, ruleIn } from './draft.ts';
import { pathOf, recipientsOf } from './encrypted-file.ts';
import { EXAMPLE_RECIPIENTS } from './creation-rules.ts';
import { serverSteps } from './new-values.ts';
import type { Options } from './options.ts';
import { run, sops } from './programs.ts';
import { SecretsError } from './secrets-error.ts';
import { newValues, OF_SERVERS } from './values.ts';

type Print = (line: string) => void;

/** What has other recipients than the examples may be the only copy of somebody's secrets. */
const requireReplaceable = (root: string, { environment, replace }: Options): void => {
  const path = join(root, pathOf(environment));
  if (replace || !existsSync(path)) return;
  if (recipientsOf(readFileSync(path, 'utf8')).every((one) => EXAMPLE_RECIPIENTS.includes(one))) return;
  throw new SecretsError(
    `${pathOf(environment)} exists and is no example. --replace overwrites its values; Git has the old file only if it was committed.`,
  );
};

const ageKeygen = (root: string, args: readonly string[], input?: string): string => {
  const { status, stdout } = run('age-keygen', args, { root, ...(input === undefined ? {} : { input }) });
  if (status !== 0) throw new SecretsError(`age-keygen ended with exit code ${String(status)}`);
  return stdout;
};

/** The public halves of the keys in a file, which is made if it does not exist. */
const recipientsFrom = (root: string, file: string, print: Print): string[] => {
  if (!existsSync(file)) {
    makeFolderOf(file);
    ageKeygen(root, ['--output', file]);
    print(`made the key ${file}`);
  }
  return ageKeygen(root, ['-y', file]).trim().split('\n');
};

const ownRecipients = (root: string, print: Print): string[] => {
  const given = variable(env, 'SOPS_AGE_KEY');
  return given === undefined
    ? recipientsFrom(root, keyFile(), print)
    : ageKeygen(root, ['-y'], given).trim().split('\n');
};

const recovery = (root: string, print: Print): string[] => {
  const recipients = recipientsFrom(root, recoveryKeyFile(), print);
  print(
    'It is the second recipient, in case that you lose your key. Move it to a safe place that is not this machine.',
  );
  return recipients;
};

/** @throws SecretsError; nothing but keys is made then */
export const init = (root: string, options: Options, print: Print): void => {
  const { environment, recipients } = options;
  ruleIn(readRules(root), environment);
  requireReplaceable(root, options);
  const own = ownRecipients(root, print);
  const others = recipients.filter((one) => !own.includes(one));
  const all = [...new Set([...own, ...(others.length > 0 ? others : recovery(root, print))])];
  const path = pathOf(environment);
  changeInDraft(
    root,
    environment,
    (draft) => {
      const rules = join(draft.root, RULES_FILE);
      writeFileSync(rules, withRecipients(readFileSync(rules, 'utf8'), environment, all));
      const input = stringify({ secrets: newValues() });
      writeFileSync(
        join(draft.root, path),
        sops(['encrypt', '--filename-override', path], path, { root: draft.root, input }),
      );
    },
    false,
  );
  print(`${path} has new random values, for ${all.length} recipients: commit it with ${RULES_FILE}`);
  for (const line of serverSteps(environment, OF_SERVERS)) print(line);
};
