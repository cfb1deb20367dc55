// `npm run secrets -- add-recipient` and `remove-recipient` with the real sops and age.

import { describe, expect, it } from 'vitest';

import { DEV, useDev, type Dev } from './support/use-dev.ts';

let dev: Dev;
useDev((made) => (dev = made));

describe('recipients', () => {
  it('one that is added can decrypt', () => {
    const other = dev.repository.makeKey();
    expect(dev.repository.sops(['decrypt', DEV], other).status).toBe(128);
    expect(dev.secrets('add-recipient', 'dev', other.recipient)).toMatchObject({ status: 0 });
    expect(dev.decrypted(other)).toEqual(dev.decrypted(dev.key));
    expect(dev.recipients()).toEqual([dev.key.recipient, dev.colleague.recipient, other.recipient]);
  });

  it('one that is removed can not, and what it knew is replaced or named', () => {
    const other = dev.repository.makeKey();
    dev.secrets('add-recipient', 'dev', other.recipient);
    const [old, before] = [dev.repository.read(DEV), dev.decrypted(other)];
    const ran = dev.secrets('remove-recipient', 'dev', other.recipient, '--yes');
    expect(ran).toMatchObject({ status: 0 });
    expect(dev.repository.sops(['decrypt', DEV], other).status).toBe(128);
    const after = dev.decrypted(dev.colleague);
    expect(after.values.auth_signing_keys).not.toBe(before.values.auth_signing_keys);
    expect(after.values.http_management_token).not.toBe(before.values.http_management_token);
    expect(ran.output).toContain(
      'rotate dev --new postgres_password --new postgres_migration_password --new redis_password',
    );
    expect(ran.output).toContain('- auth_clients: new ones from the systems that have them');
    dev.repository.write(DEV, old); // what Git still has
    expect(dev.repository.sops(['decrypt', DEV], other).status).toBe(0);
  });

  it('the old data key does not decrypt the file of a removed recipient', () => {
    const other = dev.repository.makeKey();
    dev.secrets('add-recipient', 'dev', other.recipient);
    const part = /(?<=sops:\n)[\s\S]*/;
    const [old = ''] = part.exec(dev.repository.read(DEV)) ?? [];
    dev.secrets('remove-recipient', 'dev', other.recipient, '--yes');
    dev.repository.write(DEV, dev.repository.read(DEV).replace(part, old));
    expect(dev.repository.sops(['decrypt', '--ignore-mac', DEV], other).status).toBe(25);
  });

  it.each([
    ['asks and takes no', 'n\n'],
    ['asks and takes the end of the input for no', ''],
  ])('removal %s', (_what, input) => {
    const other = dev.repository.makeKey();
    dev.secrets('add-recipient', 'dev', other.recipient);
    const before = dev.files();
    const ran = dev.repository.secrets(
      ['remove-recipient', 'dev', other.recipient],
      { SOPS_AGE_KEY_FILE: dev.key.file },
      input,
    );
    expect(ran.status).toBe(1);
    expect(ran.output).toContain('Nothing was changed.');
    expect(dev.files()).toBe(before);
  });

  it.each<[string, () => string[], string]>([
    [
      'the second last one',
      () => ['remove-recipient', 'dev', dev.colleague.recipient, '--yes'],
      'fewer than 2 recipients',
    ],
    [
      'one that is none',
      () => ['remove-recipient', 'dev', dev.repository.makeKey().recipient, '--yes'],
      'is no recipient of dev',
    ],
    [
      'one that is one already',
      () => ['add-recipient', 'dev', dev.colleague.recipient],
      'is a recipient of dev already',
    ],
    [
      'one with a typing error',
      () => [
        'add-recipient',
        'dev',
        `${dev.colleague.recipient.slice(0, -1)}${dev.colleague.recipient.endsWith('q') ? 'p' : 'q'}`,
      ],
      'sops ended with exit code',
    ],
  ])('%s is refused, and nothing is changed', (_what, args, fault) => {
    const before = dev.files();
    const ran = dev.secrets(...args());
    expect(ran.status).toBe(1);
    expect(ran.output).toContain(fault);
    expect(dev.files()).toBe(before);
  });

  it('removing the own key is refused: nobody could check the result here', () => {
    dev.secrets('add-recipient', 'dev', dev.repository.makeKey().recipient);
    const before = dev.files();
    const ran = dev.secrets('remove-recipient', 'dev', dev.key.recipient, '--yes');
    expect(ran.status).toBe(1);
    expect(ran.output).toContain('none of the age keys here is one of its recipients');
    expect(dev.files()).toBe(before);
  });
});
