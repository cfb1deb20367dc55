// `npm run secrets -- edit` and `rotate` with the real sops and age.

import { describe, expect, it } from 'vitest';

import type { Ran } from './support/repository.ts';
import { DEV, REDIS_PASSWORD, useDev, type Dev } from './support/use-dev.ts';

let dev: Dev;
useDev((made) => (dev = made));

describe('edit', () => {
  const edit = (script: string): Ran =>
    dev.repository.secrets(['edit', 'dev'], {
      SOPS_AGE_KEY_FILE: dev.key.file,
      EDITOR: dev.repository.makeEditor(script),
    });

  it('encrypts what the editor leaves', () => {
    const ran = edit(String.raw`sed -i 's/redis_password: .*/redis_password: changed/' "$1"`);
    expect(ran).toMatchObject({ status: 0 });
    expect(dev.decrypted(dev.colleague).values.redis_password).toBe('changed');
    expect(dev.repository.read(DEV)).not.toContain('changed');
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
    const before = dev.files();
    const ran = edit(script);
    expect(ran.status).toBe(1);
    expect(ran.output).toContain(fault);
    expect(ran.output).not.toContain('hunter2');
    expect(dev.files()).toBe(before);
  });

  it('keeps the old file when the editor fails', () => {
    const before = dev.files();
    expect(edit('echo x > "$1"; exit 1')).toMatchObject({ status: 1 });
    expect(dev.files()).toBe(before);
  });

  it('changes nothing when nothing was edited', () => {
    const before = dev.files();
    expect(edit('true')).toMatchObject({ status: 0, output: expect.stringContaining('nothing was changed') as string });
    expect(dev.files()).toBe(before);
  });
});

describe('rotate', () => {
  it('makes a new data key and keeps the values', () => {
    const [before, values] = [dev.repository.read(DEV), dev.decrypted(dev.key)];
    expect(dev.secrets('rotate', 'dev').status).toBe(0);
    expect(dev.repository.read(DEV)).not.toBe(before);
    expect(dev.decrypted(dev.key)).toEqual(values);
  });

  it('makes the named values anew and says which server needs them, without printing them', () => {
    const before = dev.decrypted(dev.key);
    const ran = dev.secrets('rotate', 'dev', '--new', 'postgres_migration_password', '--new', 'redis_password');
    expect(ran.status).toBe(0);
    const after = dev.decrypted(dev.key);
    expect(after.values.redis_password).not.toBe(before.values.redis_password);
    expect(after.migrationValues).not.toEqual(before.migrationValues);
    expect(after.values.postgres_password).toBe(before.values.postgres_password);
    expect(ran.output).toContain("ALTER ROLE user_service_owner_login PASSWORD :'password';");
    for (const value of [...dev.allValues(), ...Object.values(before.values)])
      if (value !== '{}') expect(ran.output).not.toContain(value);
  });

  it('refuses a broken MAC and leaves the file', () => {
    dev.repository.write(DEV, dev.repository.read(DEV).replace(REDIS_PASSWORD, ''));
    const before = dev.files();
    expect(dev.secrets('rotate', 'dev')).toMatchObject({ status: 1 });
    expect(dev.files()).toBe(before);
  });
});
