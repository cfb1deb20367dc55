// The files that are committed under secrets/: encrypted, for the recipients of .sops.yaml. It needs neither sops nor a key.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { parseRules, withRecipients } from '../../scripts/secrets/sops/creation-rules.ts';
import { encryptedFileFaults, pathOf } from '../../scripts/secrets/sops/encrypted-file.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const RULES = read('.sops.yaml');
const rules = parseRules(RULES);
const [dev = { environment: 'dev', recipients: [] }, staging] = rules;
const DEV = read(pathOf('dev'));

it.each(rules)('$environment: every value is encrypted, for its recipients', (rule) => {
  expect(encryptedFileFaults(read(pathOf(rule.environment)), rule)).toEqual([]);
});

it('each environment of the chart has a file, and there is nothing else', () => {
  const ofChart = readdirSync(join(ROOT, 'helm/user-service')).flatMap(
    (file) => /^values-(\w+)\.yaml$/.exec(file)?.[1] ?? [],
  );
  expect(new Set(rules.map(({ environment }) => environment))).toEqual(new Set(ofChart));
  expect(new Set(readdirSync(join(ROOT, 'secrets')))).toEqual(
    new Set(['README.md', ...ofChart.map((environment) => `${environment}.enc.yaml`)]),
  );
});

/** The first value of the file, which is that of postgres_password. */
const VALUE = /(?<=postgres_password: ).*/;
const [firstRecipient = ''] = dev.recipients;
const [foreign = ''] = staging?.recipients ?? [];

describe('is found in an encrypted file:', () => {
  it.each<[string, string, string]>([
    ['a plain value', DEV.replace(VALUE, 'hunter2'), 'secrets.values.postgres_password is not encrypted'],
    ['an empty value', DEV.replace(VALUE, '""'), 'secrets.values.postgres_password is empty'],
    ['no value', DEV.replace(VALUE, ''), 'secrets.values.postgres_password is empty'],
    ['a number', DEV.replace(VALUE, '4711'), 'secrets.values.postgres_password is not a text'],
    ['a list', DEV.replace(VALUE, '[a]'), 'secrets.values.postgres_password is not a text'],
    [
      'an encrypted number',
      DEV.replace('type:str', 'type:int'),
      'secrets.values.postgres_password is not a text: write it in quotes',
    ],
    [
      'half of a value',
      DEV.replace(VALUE, 'ENC[AES256_GCM,data:hunter2]'),
      'secrets.values.postgres_password is not encrypted',
    ],
    [
      'a name that sops leaves plain',
      DEV.replace('postgres_password', 'postgres_password_unencrypted'),
      'secrets.values.postgres_password_unencrypted has a name that sops does not encrypt by default: rename it',
    ],
    ['a plain comment', `# the old one was hunter2\n${DEV}`, 'line 1 has a readable comment'],
    ['a plain key beside the secrets', `password: hunter2\n${DEV}`, 'password does not belong here'],
    ['a third section', DEV.replace('migrationValues:', 'other:'), 'secrets.other does not belong here'],
    ['no section', DEV.replace('migrationValues:', 'other:'), 'secrets.migrationValues is not a mapping with values'],
    ['no part sops', DEV.slice(0, DEV.indexOf('sops:')), 'it is not encrypted: the part sops is missing'],
    ['no MAC', DEV.replace(/mac: .*/, ''), 'sops.mac is missing: nobody would see a change'],
    [
      'a plain suffix',
      DEV.replace('encrypted_regex: .*', 'unencrypted_suffix: _unencrypted'),
      'sops.unencrypted_suffix does not belong here',
    ],
    [
      'no encrypted_regex',
      DEV.replace('encrypted_regex: .*', 'unencrypted_suffix: _unencrypted'),
      "sops.encrypted_regex is not '.*'",
    ],
    ['a key of another kind', DEV.replace('sops:\n', 'sops:\n    pgp: []\n'), 'sops.pgp does not belong here'],
    [
      'a foreign recipient',
      DEV.replace(firstRecipient, foreign),
      `${foreign} can decrypt it, and is not in .sops.yaml for dev`,
    ],
    [
      'a missing recipient',
      DEV.replace(firstRecipient, foreign),
      `${firstRecipient} is in .sops.yaml for dev, and can not decrypt it`,
    ],
    ['one recipient twice', DEV.replace(firstRecipient, dev.recipients[1] ?? ''), 'it has fewer than 2 recipients'],
    ['something that is not YAML', DEV.replace('secrets:', 'secrets: ['), 'it is not valid YAML (line'],
    ['nothing', '', 'it is empty'],
  ])('%s', (_what, text, fault) => {
    const faults = encryptedFileFaults(text, dev);
    expect(
      faults.some((one) => one.startsWith(fault)),
      faults.join('\n'),
    ).toBe(true);
    expect(faults.join('\n')).not.toContain('hunter2');
  });
});

describe('is found in .sops.yaml:', () => {
  it.each<[string, string, string]>([
    ['no regular expression', RULES.replace("    encrypted_regex: '.*'\n", ''), "rule 1: encrypted_regex is not '.*'"],
    ['a narrow one', RULES.replace("'.*'", '^password$'), "rule 1: encrypted_regex is not '.*'"],
    [
      'a plain suffix',
      RULES.replace("encrypted_regex: '.*'", "encrypted_regex: '.*'\n    unencrypted_suffix: _plain"),
      'rule 1: unencrypted_suffix is not used here',
    ],
    ['one recipient', RULES.replace(`      - ${firstRecipient}\n`, ''), 'rule 1: age has fewer than 2 recipients'],
    [
      'a text instead of a list',
      RULES.replace(/age:\n.*\n.*\n/, `age: ${firstRecipient}\n`),
      'rule 1: age has fewer than 2 recipients',
    ],
    [
      'a recipient with a typing error',
      RULES.replace(firstRecipient, firstRecipient.slice(0, -1)),
      'rule 1: age has an entry that is not a recipient',
    ],
    ['a wide path', RULES.replace(String.raw`^secrets/dev\.enc\.yaml$`, 'secrets/.*'), 'rule 1: path_regex is not'],
    ['two rules for one environment', RULES.replace('staging', 'dev'), 'has two rules for dev'],
    ['no rules', 'stores: {}', 'has no list creation_rules'],
    ['something that is not YAML', 'creation_rules: [', 'is not valid YAML'],
  ])('%s', (_what, text, fault) => {
    expect(() => parseRules(text)).toThrow(fault);
  });
});

it('other recipients leave the comments and the other rules as they are', () => {
  const changed = withRecipients(RULES, 'dev', [firstRecipient, foreign]);
  expect(changed).toBe(RULES.replace(dev.recipients[1] ?? '', foreign));
});
