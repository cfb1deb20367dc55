// Runs what docs/vault.md tells an operator to run: vault/postgres/vault-login.sql and vault/set-up.sh.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import pg, { escapeLiteral } from 'pg';

import { VaultError } from './vault-error.ts';

export const FILES = join(import.meta.dirname, '../../vault');

export type Mode = 'dynamic' | 'static';

/** A connection of a superuser to the database of the service. */
export type Administrator = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
};

type Access = { readonly vault: string; readonly address: string; readonly token: string };

/**
 * Runs one of the scripts in vault/.
 * @param vault the program, which the scripts call as `vault`
 * @returns what it prints
 * @throws VaultError VAULT_REFUSED with the last lines of its errors
 */
export const runScript = async (
  { vault, address, token }: Access,
  [script = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> => {
  // eslint-disable-next-line n/no-process-env -- child processes need them
  const { PATH = '', HOME = '' } = process.env;
  const path = vault.includes('/') ? `${dirname(vault)}:${PATH}` : PATH;
  const variables = { HOME, PATH: path, VAULT_ADDR: address, VAULT_TOKEN: token, ...env };
  try {
    return (await promisify(execFile)(join(FILES, script), args, { env: variables })).stdout;
  } catch (error) {
    const lines = (error as { stderr?: string }).stderr?.trim().split('\n').slice(-8).join('\n') ?? '';
    throw new VaultError('VAULT_REFUSED', `vault/${script} failed: ${lines}`, { cause: error });
  }
};

/** Creates Vault's login, with the password in `file`, which is made when it is missing. */
const makeVaultLogin = async (database: Administrator, file: string): Promise<void> => {
  const isNew = !existsSync(file); // later, Vault may have changed it
  if (isNew) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  const client = new pg.Client(database);
  await client.connect();
  try {
    await client.query(readFileSync(join(FILES, 'postgres/vault-login.sql'), 'utf8'));
    if (isNew)
      await client.query(`ALTER ROLE vault_user_service PASSWORD ${escapeLiteral(readFileSync(file, 'utf8'))}`);
  } finally {
    await client.end();
  }
};

type Options = Access & {
  /** Of the password of Vault's login, and of the secrets while they are written. */
  readonly directory: string;
  readonly database: Administrator;
  readonly mode: Mode;
  /** Lifetime of a dynamic login, or time between two passwords of a static one (at least 5). */
  readonly leaseSeconds: number;
  /** The first secrets, by the name of their file: `auth_signing_keys`, `redis_password`, … Those that Vault has are kept. */
  readonly secrets: Readonly<Record<string, string>>;
};

/**
 * Makes a Vault ready for the service: policies, AppRoles, secrets, the logins of PostgreSQL, the audit device. Can be called again.
 * @throws VaultError VAULT_REFUSED
 */
export const configureVault = async (options: Options): Promise<void> => {
  const { directory, database, mode, leaseSeconds, secrets } = options;
  const [folder, password] = [join(directory, 'first-secrets'), join(directory, 'vault-postgres-password')];
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(secrets)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  await makeVaultLogin(database, password);
  await runScript(options, ['set-up.sh'], {
    SECRETS: folder,
    POSTGRES_ADDRESS: `${database.host}:${database.port}`,
    POSTGRES_DATABASE: database.database,
    VAULT_POSTGRES_PASSWORD: password,
    MODE: mode,
    LEASE: `${leaseSeconds}s`,
  });
};
