// A repository whose environment dev has new values for two keys. Each test begins with the same files.

import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { parse } from 'yaml';

import { parseRules } from '../../../scripts/secrets/sops/creation-rules.ts';
import { makeRepository, type Key, type Ran, type Repository } from './repository.ts';

type Values = Record<string, string>;
type Sections = { values: Values; migrationValues: Values };

export const DEV = 'secrets/dev.enc.yaml';

/** A whole line of the decrypted or encrypted file. */
export const REDIS_PASSWORD = /^ {8}redis_password: .*\n/m;

export type Dev = {
  readonly repository: Repository;
  /** Of the person who runs the commands. */
  readonly key: Key;
  readonly colleague: Key;
  /** `npm run secrets` with the own key. */
  readonly secrets: (...args: string[]) => Ran;
  readonly decrypted: (by: Key) => Sections;
  readonly recipients: () => readonly string[];
  /** What no output may contain. */
  readonly allValues: () => string[];
  /** Everything that a command may change. */
  readonly files: () => string;
};

const makeDev = (): Dev => {
  const repository = makeRepository();
  const key = repository.makeKey();
  const decrypted = (by: Key): Sections =>
    (parse(repository.sops(['decrypt', DEV], by).output) as { secrets: Sections }).secrets;
  return {
    ...{ repository, key, colleague: repository.makeKey(), decrypted },
    secrets: (...args) => repository.secrets(args, { SOPS_AGE_KEY_FILE: key.file }),
    recipients: () => parseRules(repository.read('.sops.yaml'))[0]?.recipients ?? [],
    allValues: () => Object.values(decrypted(key)).flatMap((values) => Object.values(values)),
    files: () => repository.read(DEV) + repository.read('.sops.yaml'),
  };
};

/** @param use receives it before the first test */
export const useDev = (use: (dev: Dev) => void): void => {
  let dev: Dev;
  beforeAll(() => {
    dev = makeDev();
    const made = dev.secrets('init', 'dev', '--recipient', dev.colleague.recipient);
    expect(made.status, made.output).toBe(0);
    dev.repository.keep();
    use(dev);
  });
  beforeEach(() => {
    dev.repository.reset();
  });
  afterAll(() => {
    dev.repository.remove();
  });
};
