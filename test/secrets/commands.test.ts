// `npm run secrets` with the real sops and age: each command with good and with bad input.

import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { parseRules } from '../../scripts/secrets/sops/creation-rules.ts';
import { makeRepository, type Key, type Ran, type Repository } from './support/repository.ts';

type Values = Record<string, string>;
type Content = { secrets: { values: Values; migrationValues: Values } };

const DEV = 'secrets/dev.enc.yaml';

/** A whole line of the file. */
const REDIS_PASSWORD = /^ {8}redis_password: .*\n/m;

let repository: Repository;
let key: Key;
let colleague: Key;

/** dev with new values for two keys; the first is that of the person who runs the commands. */
beforeAll(() => {
  repository = makeRepository();
  key = repository.makeKey();
  colleague = repository.makeKey();
  expect(secrets('init', 'dev', '--recipient', colleague.recipient).status).toBe(0);
  repository.keep();
});
beforeEach(() => {
  repository.reset();
});
afterAll(() => {
  repository.remove();
});

const secrets = (...args: string[]): Ran => repository.secrets(args, { SOPS_AGE_KEY_FILE: key.file });
const decrypted = (by: Key): Content['secrets'] =>
  (parse(repository.sops(['decrypt', DEV], by).output) as Content).secrets;
const recipients = (): readonly string[] => parseRules(repository.read('.sops.yaml'))[0]?.recipients ?? [];

/** What no output may contain. */
const allValues = (): string[] => Object.values(decrypted(key)).flatMap((values) => Object.values(values));

/** Everything that a command may change. */
const files = (): string => repository.read(DEV) + repository.read('.sops.yaml');

describe('init', () => {
  it('makes random values that both recipients can decrypt', () => {
    expect(recipients()).toEqual([key.recipient, colleague.recipient]);
    expect(decrypted(colleague)).toEqual(decrypted(key));
    expect(Object.keys(decrypted(key).values)).toContain('auth_signing_keys');
    expect(secrets('check', 'dev', '--require-key').output).toContain('MAC and values are valid');
  });

  it('makes keys for a person who has none, in a folder that Git ignores', () => {
    const ran = repository.secrets(['init', 'staging']);
    expect(ran).toMatchObject({ status: 0 });
    for (const name of ['age-key.txt', 'recovery-key.txt'])
      expect(statSync(join(repository.root, '.local/sops', name)).mode & 0o777).toBe(0o600);
    expect(ran.output).not.toContain('AGE-SECRET-KEY');
    expect(repository.secrets(['check', 'staging', '--require-key']).status).toBe(0);
  });

  it('keeps a file that is no example', () => {
    const before = files();
    const ran = secrets('init', 'dev', '--recipient', colleague.recipient);
    expect(ran.status).toBe(1);
    expect(ran.output).toContain('exists and is no example');
    expect(files()).toBe(before);
    expect(secrets('init', 'dev', '--recipient', colleague.recipient, '--replace').status).toBe(0);
    expect(files()).not.toBe(before);
  });

  it('refuses a private key as recipient and does not repeat it', () => {
    const text = readFileSync(key.file, 'utf8').split('\n').at(2) ?? '';
    expect(text).toMatch(/^AGE-SECRET-KEY-/);
    const ran = secrets('init', 'staging', '--recipient', text);
    expect(ran.status).toBe(64);
    expect(ran.output).not.toContain(text);
  });
});

describe('check refuses', () => {
  const refused = (change: (text: string) => string, what: string): void => {
    const values = allValues();
    repository.write(DEV, change(repository.read(DEV)));
    const ran = secrets('check', 'dev');
    expect(ran.status).toBe(1);
    expect(ran.output).toContain(what);
    for (const value of values.filter((one) => one.length > 2)) expect(ran.output).not.toContain(value);
  };
  const value = /(?<=redis_password: ).*/;

  it('a plain value', () => {
    refused((text) => text.replace(value, 'hunter2'), 'secrets.values.redis_password is not encrypted');
  });

  it('a value that was changed without sops', () => {
    const swap = (text: string): string =>
      text.replace(/(?<=redis_password: ENC\[AES256_GCM,data:)./, (first) => (first === 'A' ? 'B' : 'A'));
    refused(swap, 'was changed without sops: a value can not be decrypted');
  });

  it('a value that was removed without sops', () => {
    refused((text) => text.replace(REDIS_PASSWORD, ''), 'was changed without sops: its MAC does not match');
  });

  it('a file in which the time of the MAC was changed', () => {
    refused(
      (text) => text.replace(/lastmodified: .*/, 'lastmodified: "2020-01-01T00:00:00Z"'),
      'its MAC does not match',
    );
  });

  it('a plain file', () => {
    refused(() => repository.sops(['decrypt', DEV], key).output, 'it is not encrypted');
  });

  it('something that is not YAML', () => {
    refused(() => 'secrets: [', 'it is not valid YAML');
  });

  it('a recipient that .sops.yaml does not name', () => {
    const other = repository.makeKey();
    expect(repository.sops(['rotate', '--in-place', '--add-age', other.recipient, DEV], key).status).toBe(0);
    refused((text) => text, `${other.recipient} can decrypt it, and is not in .sops.yaml`);
  });

  it.each([
    ['auth_signing_keys', '{"keys":[]}', 'must be a JWK set with at least one key'],
    ['auth_clients', '[]', 'must be a JSON object'],
    ['redis_password', ' ', 'is empty'],
    ['redis_pasword', 'hunter2', 'is unknown'],
  ])('%s that the service would refuse', (name, text, what) => {
    repository.sops(['set', DEV, `["secrets"]["values"]["${name}"]`, JSON.stringify(text)], key);
    refused((unchanged) => unchanged, `secrets.values.${name} ${what}`);
  });
});

describe('check', () => {
  it('says what it did not check without a key', () => {
    const ran = repository.secrets(['check', 'dev']);
    expect(ran.status).toBe(0);
    expect(ran.output).toContain(
      'MAC and values were not checked: secrets/dev.enc.yaml can not be decrypted: this machine has no age key',
    );
    expect(repository.secrets(['check', 'dev', '--require-key']).status).toBe(1);
  });

  it('tells a foreign key from none', () => {
    const other = repository.makeKey();
    const ran = repository.secrets(['check', 'dev', '--require-key'], { SOPS_AGE_KEY_FILE: other.file });
    expect(ran.status).toBe(1);
    expect(ran.output).toContain('none of the age keys here is one of its recipients');
  });

  it('names a file of keys that is none', () => {
    repository.write('.local/keys/none', 'a password\n');
    const ran = repository.secrets(['check', 'dev'], { SOPS_AGE_KEY_FILE: join(repository.root, '.local/keys/none') });
    expect(ran.output).toContain('the file of the age key is not valid');
    expect(ran.output).not.toContain('a password');
  });

  it('names an example', () => {
    expect(repository.secrets(['check', 'production']).output).toContain('an example that nobody can decrypt');
  });
});

describe('edit', () => {
  const edit = (script: string): Ran =>
    repository.secrets(['edit', 'dev'], { SOPS_AGE_KEY_FILE: key.file, EDITOR: repository.makeEditor(script) });

  it('encrypts what the editor leaves', () => {
    const ran = edit(String.raw`sed -i 's/redis_password: .*/redis_password: changed/' "$1"`);
    expect(ran).toMatchObject({ status: 0 });
    expect(decrypted(colleague).values.redis_password).toBe('changed');
    expect(repository.read(DEV)).not.toContain('changed');
  });

  it.each([
    ['YAML that is not valid', 'echo "secrets: [hunter2" > "$1"', 'it is not valid YAML'],
    [
      'a key that the service refuses',
      `sed -i 's/auth_clients: .*/auth_clients: hunter2/' "$1"`,
      'secrets.values.auth_clients is not JSON',
    ],
    [
      'an empty value',
      `sed -i 's/redis_password: .*/redis_password: ""/' "$1"`,
      'secrets.values.redis_password is empty',
    ],
    ['a value outside of the sections', 'echo "password: hunter2" >> "$1"', 'password does not belong here'],
    ['an empty file', ': > "$1"', 'secrets.values is not a mapping'],
    ['a plain comment on top', 'sed -i "1i # hunter2" "$1"', 'has a readable comment'],
  ])('keeps the old file after %s', (_what, script, fault) => {
    const before = files();
    const ran = edit(script);
    expect(ran.status).toBe(1);
    expect(ran.output).toContain(fault);
    expect(ran.output).not.toContain('hunter2');
    expect(files()).toBe(before);
  });

  it('keeps the old file when the editor fails', () => {
    const before = files();
    expect(edit('echo x > "$1"; exit 1')).toMatchObject({ status: 1 });
    expect(files()).toBe(before);
  });

  it('changes nothing when nothing was edited', () => {
    const before = files();
    expect(edit('true')).toMatchObject({ status: 0, output: expect.stringContaining('nothing was changed') as string });
    expect(files()).toBe(before);
  });
});

describe('rotate', () => {
  it('makes a new data key and keeps the values', () => {
    const [before, values] = [repository.read(DEV), decrypted(key)];
    expect(secrets('rotate', 'dev').status).toBe(0);
    expect(repository.read(DEV)).not.toBe(before);
    expect(decrypted(key)).toEqual(values);
  });

  it('makes the named values anew and says which server needs them, without printing them', () => {
    const before = decrypted(key);
    const ran = secrets('rotate', 'dev', '--new', 'postgres_migration_password', '--new', 'redis_password');
    expect(ran.status).toBe(0);
    const after = decrypted(key);
    expect(after.values.redis_password).not.toBe(before.values.redis_password);
    expect(after.migrationValues).not.toEqual(before.migrationValues);
    expect(after.values.postgres_password).toBe(before.values.postgres_password);
    expect(ran.output).toContain("ALTER ROLE user_service_owner_login PASSWORD :'password';");
    for (const value of [...allValues(), ...Object.values(before.values)])
      if (value !== '{}') expect(ran.output).not.toContain(value);
  });

  it('refuses a broken MAC and leaves the file', () => {
    repository.write(DEV, repository.read(DEV).replace(REDIS_PASSWORD, ''));
    const before = files();
    expect(secrets('rotate', 'dev')).toMatchObject({ status: 1 });
    expect(files()).toBe(before);
  });
});

describe('recipients', () => {
  it('one that is added can decrypt', () => {
    const other = repository.makeKey();
    expect(repository.sops(['decrypt', DEV], other).status).toBe(128);
    expect(secrets('add-recipient', 'dev', other.recipient)).toMatchObject({ status: 0 });
    expect(decrypted(other)).toEqual(decrypted(key));
    expect(recipients()).toEqual([key.recipient, colleague.recipient, other.recipient]);
  });

  it('one that is removed can not, and what it knew is replaced or named', () => {
    const other = repository.makeKey();
    secrets('add-recipient', 'dev', other.recipient);
    const [old, before] = [repository.read(DEV), decrypted(other)];
    const ran = secrets('remove-recipient', 'dev', other.recipient, '--yes');
    expect(ran).toMatchObject({ status: 0 });
    expect(repository.sops(['decrypt', DEV], other).status).toBe(128);
    const after = decrypted(colleague);
    expect(after.values.auth_signing_keys).not.toBe(before.values.auth_signing_keys);
    expect(after.values.http_management_token).not.toBe(before.values.http_management_token);
    expect(ran.output).toContain(
      'rotate dev --new postgres_password --new postgres_migration_password --new redis_password',
    );
    expect(ran.output).toContain('- auth_clients: new ones from the systems that have them');
    repository.write(DEV, old); // what Git still has
    expect(repository.sops(['decrypt', DEV], other).status).toBe(0);
  });

  it('the old data key does not decrypt the file of a removed recipient', () => {
    const other = repository.makeKey();
    secrets('add-recipient', 'dev', other.recipient);
    const part = /(?<=sops:\n)[\s\S]*/;
    const [old = ''] = part.exec(repository.read(DEV)) ?? [];
    secrets('remove-recipient', 'dev', other.recipient, '--yes');
    repository.write(DEV, repository.read(DEV).replace(part, old));
    expect(repository.sops(['decrypt', '--ignore-mac', DEV], other).status).toBe(25);
  });

  it.each([
    ['asks and takes no', 'n\n'],
    ['asks and takes the end of the input for no', ''],
  ])('removal %s', (_what, input) => {
    const other = repository.makeKey();
    secrets('add-recipient', 'dev', other.recipient);
    const before = files();
    const ran = repository.secrets(
      ['remove-recipient', 'dev', other.recipient],
      { SOPS_AGE_KEY_FILE: key.file },
      input,
    );
    expect(ran.status).toBe(1);
    expect(ran.output).toContain('Nothing was changed.');
    expect(files()).toBe(before);
  });

  it.each<[string, () => string[], string]>([
    ['the second last one', () => ['remove-recipient', 'dev', colleague.recipient, '--yes'], 'fewer than 2 recipients'],
    [
      'one that is none',
      () => ['remove-recipient', 'dev', repository.makeKey().recipient, '--yes'],
      'is no recipient of dev',
    ],
    ['one that is one already', () => ['add-recipient', 'dev', colleague.recipient], 'is a recipient of dev already'],
    [
      'one with a typing error',
      () => [
        'add-recipient',
        'dev',
        `${colleague.recipient.slice(0, -1)}${colleague.recipient.endsWith('q') ? 'p' : 'q'}`,
      ],
      'sops ended with exit code',
    ],
  ])('%s is refused, and nothing is changed', (_what, args, fault) => {
    const before = files();
    const ran = secrets(...args());
    expect(ran.status).toBe(1);
    expect(ran.output).toContain(fault);
    expect(files()).toBe(before);
  });

  it('removing the own key is refused: nobody could check the result here', () => {
    secrets('add-recipient', 'dev', repository.makeKey().recipient);
    const before = files();
    const ran = secrets('remove-recipient', 'dev', key.recipient, '--yes');
    expect(ran.status).toBe(1);
    expect(ran.output).toContain('none of the age keys here is one of its recipients');
    expect(files()).toBe(before);
  });
});

describe('the command line', () => {
  it.each([
    [[], 'which command?'],
    [['chek', 'dev'], 'unknown command "chek"'],
    [['check'], 'which environment? .sops.yaml has rules for dev, staging, production'],
    [['check', 'prod'], 'unknown environment "prod": .sops.yaml has rules for dev, staging, production'],
    [['check', 'dev', 'staging'], 'unexpected argument "staging"'],
    [['check', 'dev', '--yes'], 'check has no option --yes'],
    [['check', 'dev', '--all'], "Unknown option '--all'"],
    [['add-recipient', 'dev'], 'which recipient'],
    [['add-recipient', 'dev', 'anna'], '"anna" is not a recipient of age'],
    [['rotate', 'dev', '--new', 'kafka_password'], '--new takes auth_signing_keys'],
    [['exec', 'dev'], 'which program?'],
  ])('%j is wrong usage', (args, message) => {
    const ran = secrets(...args);
    expect(ran.status).toBe(64);
    expect(ran.output).toContain(message);
  });

  it('prints its help', () => {
    expect(secrets('--help')).toMatchObject({
      status: 0,
      output: expect.stringContaining('remove-recipient') as string,
    });
  });

  it('names a program that is missing', () => {
    const ran = repository.secrets(['check', 'dev'], { SOPS: '/nonexistent/sops' });
    expect(ran).toMatchObject({
      status: 1,
      output: expect.stringContaining('/nonexistent/sops can not be run (ENOENT)') as string,
    });
  });

  it('names rules that are missing, or not valid', () => {
    repository.write('.sops.yaml', 'creation_rules: [');
    expect(secrets('check', 'dev')).toEqual({ status: 1, output: '.sops.yaml is not valid YAML\n' });
    rmSync(join(repository.root, '.sops.yaml'));
    expect(secrets('check', 'dev')).toMatchObject({
      status: 1,
      output: expect.stringContaining('There is no .sops.yaml') as string,
    });
  });

  it('names a file that is missing', () => {
    repository.write('.sops.yaml', repository.read('.sops.yaml').replace('staging', 'test'));
    expect(secrets('check', 'test')).toMatchObject({
      status: 1,
      output: 'There is no secrets/test.enc.yaml: npm run secrets -- init test\n',
    });
    expect(existsSync(join(repository.root, 'secrets/test.enc.yaml'))).toBe(false);
  });
});
