// What secrets/<environment>.enc.yaml must look like, as far as it can be seen without a key and without sops. No message contains a value.

import { parseDocument } from 'yaml';

import { ENCRYPTED_REGEX, MIN_RECIPIENTS, type CreationRule } from './creation-rules.ts';

export const pathOf = (environment: string): string => `secrets/${environment}.enc.yaml`;

/** The values of the chart that the file sets. */
export const SECTIONS = ['values', 'migrationValues'] as const;

const ENCRYPTED = /^ENC\[AES256_GCM,data:[\w+/=]+,iv:[\w+/=]+,tag:[\w+/=]+,type:(?<type>\w+)\]$/;
const METADATA = ['age', 'encrypted_regex', 'lastmodified', 'mac', 'version'];

type Mapping = Readonly<Record<string, unknown>>;
type Metadata = { readonly age?: unknown; readonly encrypted_regex?: unknown; readonly mac?: unknown };

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const surplus = (mapping: Mapping, allowed: readonly string[], path: string): string[] =>
  Object.keys(mapping)
    .filter((key) => !allowed.includes(key))
    .map((key) => `${path}${key} does not belong here`);

const valueFault = (key: string, value: unknown): string | undefined => {
  if (key.endsWith('_unencrypted')) return 'has a name that sops does not encrypt by default: rename it';
  if (value === '' || value === null) return 'is empty';
  if (typeof value !== 'string') return 'is not a text';
  const type = ENCRYPTED.exec(value)?.groups?.type;
  if (type === undefined) return 'is not encrypted';
  return type === 'str' ? undefined : 'is not a text: write it in quotes';
};

const sectionFaults = (section: string, values: unknown): string[] => {
  const path = `secrets.${section}`;
  if (!isMapping(values) || Object.keys(values).length === 0) return [`${path} is not a mapping with values`];
  return Object.entries(values).flatMap(([key, value]) => {
    const fault = valueFault(key, value);
    return fault === undefined ? [] : [`${path}.${key} ${fault}`];
  });
};

const secretsFaults = (secrets: unknown): string[] => {
  if (!isMapping(secrets)) return ['secrets is missing'];
  const sections = new Map(Object.entries(secrets));
  return [
    ...surplus(secrets, SECTIONS, 'secrets.'),
    ...SECTIONS.flatMap((section) => sectionFaults(section, sections.get(section))),
  ];
};

const recipientsIn = (age: unknown): string[] =>
  Array.isArray(age) ? age.map((entry: unknown) => String(isMapping(entry) ? entry.recipient : undefined)) : [];

const recipientFaults = (actual: readonly string[], { environment, recipients }: CreationRule): string[] => [
  ...(new Set(actual).size < MIN_RECIPIENTS ? [`it has fewer than ${MIN_RECIPIENTS} recipients`] : []),
  ...actual
    .filter((one) => !recipients.includes(one))
    .map((one) => `${one} can decrypt it, and is not in .sops.yaml for ${environment}`),
  ...recipients
    .filter((one) => !actual.includes(one))
    .map((one) => `${one} is in .sops.yaml for ${environment}, and can not decrypt it`),
];

const metadataFaults = (sops: unknown, rule: CreationRule): string[] => {
  if (!isMapping(sops)) return ['it is not encrypted: the part sops is missing'];
  const { age, encrypted_regex, mac }: Metadata = sops;
  return [
    ...surplus(sops, METADATA, 'sops.'),
    ...(encrypted_regex === ENCRYPTED_REGEX ? [] : [`sops.encrypted_regex is not '${ENCRYPTED_REGEX}'`]),
    ...(ENCRYPTED.test(String(mac)) ? [] : ['sops.mac is missing: nobody would see a change']),
    ...recipientFaults(recipientsIn(age), rule),
  ];
};

/** A comment above the first key is not encrypted by sops. */
const commentFaults = (text: string): string[] =>
  text
    .split('\n')
    .flatMap((row, index) => (/#(?!ENC\[)/.test(row) ? [`line ${index + 1} has a readable comment`] : []));

/** @returns one sentence for each fault */
export const encryptedFileFaults = (text: string, rule: CreationRule): string[] => {
  const document = parseDocument(text);
  if (document.errors.length > 0) return [`it is not valid YAML (line ${document.errors[0]?.linePos?.[0].line ?? 1})`];
  const content: unknown = document.toJS();
  if (!isMapping(content)) return ['it is empty'];
  return [
    ...surplus(content, ['secrets', 'sops'], ''),
    ...secretsFaults(content.secrets),
    ...metadataFaults(content.sops, rule),
    ...commentFaults(text),
  ];
};

/** The recipients that can decrypt the file; none if it is not encrypted. */
export const recipientsOf = (text: string): string[] => {
  const content: unknown = parseDocument(text).toJS();
  return isMapping(content) && isMapping(content.sops) ? recipientsIn(content.sops.age) : [];
};
