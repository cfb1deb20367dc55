// `npm run secrets -- init` and `check` with the real sops and age.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { DEV, REDIS_PASSWORD, useDev, type Dev } from './support/use-dev.ts';

let dev: Dev;
useDev((made) => (dev = made));

describe('init', () => {
  it('makes random values that both recipients can decrypt', () => {
    expect(dev.recipients()).toEqual([dev.key.recipient, dev.colleague.recipient]);
    expect(dev.decrypted(dev.colleague)).toEqual(dev.decrypted(dev.key));
    expect(Object.keys(dev.decrypted(dev.key).values)).toContain('auth_signing_keys');
    expect(dev.secrets('check', 'dev', '--require-key').output).toContain('MAC and values are valid');
  });

  it('makes keys for a person who has none, in a folder that Git ignores', () => {
    const ran = dev.repository.secrets(['init', 'staging']);
    expect(ran).toMatchObject({ status: 0 });
    for (const name of ['age-key.txt', 'recovery-key.txt'])
      expect(statSync(join(dev.repository.root, '.local/sops', name)).mode & 0o777).toBe(0o600);
    expect(ran.output).not.toContain('AGE-SECRET-KEY');
    expect(dev.repository.secrets(['check', 'staging', '--require-key']).status).toBe(0);
  });

  it('keeps a file that is no example', () => {
    const before = dev.files();
    const ran = dev.secrets('init', 'dev', '--recipient', dev.colleague.recipient);
    expect(ran.status).toBe(1);
    expect(ran.output).toContain('exists and is no example');
    expect(dev.files()).toBe(before);
    expect(dev.secrets('init', 'dev', '--recipient', dev.colleague.recipient, '--replace').status).toBe(0);
    expect(dev.files()).not.toBe(before);
  });

  it('refuses a private key as recipient and does not repeat it', () => {
    const text = readFileSync(dev.key.file, 'utf8').split('\n').at(2) ?? '';
    expect(text).toMatch(/^AGE-SECRET-KEY-/);
    const ran = dev.secrets('init', 'staging', '--recipient', text);
    expect(ran.status).toBe(64);
    expect(ran.output).not.toContain(text);
  });
});

describe('check refuses', () => {
  const refused = (change: (text: string) => string, what: string): void => {
    const values = dev.allValues();
    dev.repository.write(DEV, change(dev.repository.read(DEV)));
    const ran = dev.secrets('check', 'dev');
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
    refused(() => dev.repository.sops(['decrypt', DEV], dev.key).output, 'it is not encrypted');
  });

  it('something that is not YAML', () => {
    refused(() => 'secrets: [', 'it is not valid YAML');
  });

  it('a recipient that .sops.yaml does not name', () => {
    const other = dev.repository.makeKey();
    expect(dev.repository.sops(['rotate', '--in-place', '--add-age', other.recipient, DEV], dev.key).status).toBe(0);
    refused((text) => text, `${other.recipient} can decrypt it, and is not in .sops.yaml`);
  });

  it.each([
    ['auth_signing_keys', '{"keys":[]}', 'must be a JWK set with at least one key'],
    ['auth_clients', '[]', 'must be a JSON object'],
    ['redis_password', ' ', 'is empty'],
    ['redis_pasword', 'hunter2', 'is unknown'],
  ])('%s that the service would refuse', (name, text, what) => {
    dev.repository.sops(['set', DEV, `["secrets"]["values"]["${name}"]`, JSON.stringify(text)], dev.key);
    refused((unchanged) => unchanged, `secrets.values.${name} ${what}`);
  });
});

describe('check', () => {
  it('says what it did not check without a key', () => {
    const ran = dev.repository.secrets(['check', 'dev']);
    expect(ran.status).toBe(0);
    expect(ran.output).toContain(
      'MAC and values were not checked: secrets/dev.enc.yaml can not be decrypted: this machine has no age key',
    );
    expect(dev.repository.secrets(['check', 'dev', '--require-key']).status).toBe(1);
  });

  it('tells a foreign key from none', () => {
    const other = dev.repository.makeKey();
    const ran = dev.repository.secrets(['check', 'dev', '--require-key'], { SOPS_AGE_KEY_FILE: other.file });
    expect(ran.status).toBe(1);
    expect(ran.output).toContain('none of the age keys here is one of its recipients');
  });

  it('names a file of keys that is none', () => {
    dev.repository.write('.local/keys/none', 'a password\n');
    const ran = dev.repository.secrets(['check', 'dev'], {
      SOPS_AGE_KEY_FILE: join(dev.repository.root, '.local/keys/none'),
    });
    expect(ran.output).toContain('the file of the age key is not valid');
    expect(ran.output).not.toContain('a password');
  });

  it('names an example', () => {
    expect(dev.repository.secrets(['edit', 'production'])).toMatchObject({
      status: 1,
      output: expect.stringContaining('npm run secrets -- init production') as string,
    });
    expect(dev.repository.secrets(['check', 'production']).output).toContain('an example that nobody can decrypt');
  });
});
