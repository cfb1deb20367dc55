// .sops.yaml: who can decrypt the secrets of which environment.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse, parseDocument } from 'yaml';

import { SecretsError } from './secrets-error.ts';

export const RULES_FILE = '.sops.yaml';

/** Every value below every key. Without it, sops leaves values of keys that end in `_unencrypted` as they are. */
export const ENCRYPTED_REGEX = '.*';

/** A lost key must not be the only one. */
export const MIN_RECIPIENTS = 2;

/** Of the files of this repository. Their private keys were thrown away at once, see secrets/README.md. */
export const EXAMPLE_RECIPIENTS: readonly string[] = [
  'age1tmhlkd0hw2cnqydlv9s2ru2ex39zfv74r9c37edphnt94463mqcsl4c4m0',
  'age18c69jetm75gmslvmvl7pp4j8566enmdz4ht5wr22cqwg7qr7usfs8nflds',
  'age12kc4ypw5u4l30tl0rdgdrnp09s5xc2hhgsq3y4zl5kzm6sdwmf5qt8n0sa',
  'age19w8txf6pmhy8a262z8awdu7fcqw8554euvuq0atejmkqthk4zsasn7rrap',
  'age104zjw67fr78xupg42wy99wjx9xf6zq43j256uwjj4jru4wqeceuqkrcgtg',
  'age1hesfl0d8fw7fans4q4exn34l6vmltjavmznckuzursl3jvmfn5ysr63q0t',
];

export type CreationRule = { readonly environment: string; readonly recipients: readonly string[] };

/** Of age: X25519, or hybrid with ML-KEM-768. */
export const isRecipient = (text: unknown): boolean =>
  typeof text === 'string' && /^age1(?:[02-9ac-hj-np-z]{58}|pq1[02-9ac-hj-np-z]{100,3000})$/.test(text);

const PATH_REGEX = /^\^secrets\/([a-z][a-z0-9-]{1,30})\\\.enc\\\.yaml\$$/;
const FIELDS = ['path_regex', 'encrypted_regex', 'age'];

type Entry = { readonly path_regex?: unknown; readonly encrypted_regex?: unknown; readonly age?: unknown };

const entriesIn = (text: string): unknown[] => {
  let content: { creation_rules?: unknown } | null;
  try {
    content = parse(text) as typeof content;
  } catch {
    throw new SecretsError(`${RULES_FILE} is not valid YAML`);
  }
  const rules = content?.creation_rules;
  if (!Array.isArray(rules) || rules.length === 0) throw new SecretsError(`${RULES_FILE} has no list creation_rules`);
  return rules as unknown[];
};

const faultsOf = (entry: Entry): string[] => {
  const { path_regex, encrypted_regex, age } = entry;
  const recipients: unknown[] = Array.isArray(age) ? age : [];
  return [
    ...(PATH_REGEX.test(String(path_regex)) ? [] : [String.raw`path_regex is not ^secrets/<environment>\.enc\.yaml$`]),
    ...(encrypted_regex === ENCRYPTED_REGEX
      ? []
      : [`encrypted_regex is not '${ENCRYPTED_REGEX}': values would stay readable`]),
    ...(new Set(recipients).size < MIN_RECIPIENTS ? [`age has fewer than ${MIN_RECIPIENTS} recipients`] : []),
    ...(recipients.every(isRecipient) ? [] : ['age has an entry that is not a recipient of age (age1…)']),
    ...Object.keys(entry)
      .filter((field) => !FIELDS.includes(field))
      .map((field) => `${field} is not used here`),
  ];
};

const toRule = (entry: unknown, index: number): CreationRule => {
  const [fault] = typeof entry === 'object' && entry !== null ? faultsOf(entry) : ['it is not a mapping'];
  if (fault !== undefined) throw new SecretsError(`${RULES_FILE}, rule ${index + 1}: ${fault}`);
  const { path_regex, age } = entry as { path_regex: string; age: string[] };
  return { environment: PATH_REGEX.exec(path_regex)?.[1] ?? '', recipients: age };
};

/** @throws SecretsError for a file that would leave something readable, or that one person alone can decrypt */
export const parseRules = (text: string): CreationRule[] => {
  const rules = entriesIn(text).map(toRule);
  const names = rules.map(({ environment }) => environment);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new SecretsError(`${RULES_FILE} has two rules for ${twice}`);
  return rules;
};

/** @throws SecretsError as `parseRules`, and when there is no file */
export const readRules = (root: string): CreationRule[] => {
  let text: string;
  try {
    text = readFileSync(join(root, RULES_FILE), 'utf8');
  } catch {
    throw new SecretsError(`There is no ${RULES_FILE} in ${root}.`);
  }
  return parseRules(text);
};

/** The text of .sops.yaml with other recipients for one environment. Comments stay. */
export const withRecipients = (text: string, environment: string, recipients: readonly string[]): string => {
  const index = parseRules(text).findIndex((rule) => rule.environment === environment);
  const document = parseDocument(text);
  document.setIn(['creation_rules', index, 'age'], document.createNode(recipients));
  return document.toString({ lineWidth: 0 });
};
