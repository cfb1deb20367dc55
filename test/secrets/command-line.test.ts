// The command line of `npm run secrets`: wrong usage, and what is missing.

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { useDev, type Dev } from './support/use-dev.ts';

let dev: Dev;
useDev((made) => (dev = made));

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
    const ran = dev.secrets(...args);
    expect(ran.status).toBe(64);
    expect(ran.output).toContain(message);
  });

  it('prints its help', () => {
    expect(dev.secrets('--help')).toMatchObject({
      status: 0,
      output: expect.stringContaining('remove-recipient') as string,
    });
  });

  it('names a program that is missing', () => {
    const ran = dev.repository.secrets(['check', 'dev'], { SOPS: '/nonexistent/sops' });
    expect(ran).toMatchObject({
      status: 1,
      output: expect.stringContaining('/nonexistent/sops can not be run (ENOENT)') as string,
    });
  });

  it('names rules that are missing, or not valid', () => {
    dev.repository.write('.sops.yaml', 'creation_rules: [');
    expect(dev.secrets('check', 'dev')).toEqual({ status: 1, output: '.sops.yaml is not valid YAML\n' });
    rmSync(join(dev.repository.root, '.sops.yaml'));
    expect(dev.secrets('check', 'dev')).toMatchObject({
      status: 1,
      output: expect.stringContaining('There is no .sops.yaml') as string,
    });
  });

  it('names a file that is missing', () => {
    dev.repository.write('.sops.yaml', dev.repository.read('.sops.yaml').replace('staging', 'test'));
    expect(dev.secrets('check', 'test')).toMatchObject({
      status: 1,
      output: 'There is no secrets/test.enc.yaml: npm run secrets -- init test\n',
    });
    expect(existsSync(join(dev.repository.root, 'secrets/test.enc.yaml'))).toBe(false);
  });
});
