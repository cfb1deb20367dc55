// A real Vault with its data on disk, for the demo and for tests: it can be sealed, paused, killed and started again.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { eventually } from '../../test/support/eventually.ts';
import { freePort } from '../../test/support/free-port.ts';
import { askVault, tryVault } from './ask-vault.ts';
import { runVault, type Running } from './run-vault.ts';
import { VaultError } from './vault-error.ts';

const CONFIGURATION = join(import.meta.dirname, '../../vault/server.hcl');
const START_DEADLINE_MS = 30_000;

type Keys = { readonly keys: readonly string[]; readonly root_token: string };

type Options = {
  /** Of its data, its log, its audit log and the key that unseals it (mode 0600); created when missing. */
  readonly directory: string;
  /** The program. */
  readonly vault: string;
  /** Default: a free one. */
  readonly port?: number;
};

const describeEnd = (server: Running, port: number): VaultError => {
  const log = server.log();
  if (log.includes('address already in use'))
    return new VaultError('VAULT_PORT_TAKEN', `Vault can't listen on port ${port}: another program uses it.`);
  return new VaultError('VAULT_NOT_STARTED', `Vault did not start: ${log.trim().split('\n').slice(-3).join('\n')}`);
};

/** Resolves when it answers, sealed or not. */
const launch = async ({ directory, vault }: Options, port: number): Promise<Running> => {
  const args = ['server', '-config=server.hcl'];
  const server = runVault({ vault, args, directory, logFile: join(directory, 'server.log') });
  if (server.pid === undefined)
    throw new VaultError(
      'VAULT_MISSING',
      `${vault} can't be run. It is installed from https://developer.hashicorp.com/vault/install`,
    );
  let failure: VaultError | undefined;
  const probe = async (): Promise<void> => {
    if (server.ended()) failure = describeEnd(server, port);
    else await tryVault({ address: `http://127.0.0.1:${port}` }, 'GET', 'sys/seal-status');
  };
  await eventually(probe, { deadlineMs: START_DEADLINE_MS, everyMs: 50 });
  if (failure !== undefined) throw failure;
  return server;
};

/** Initializes it at the first start. The file stands in for the people who keep the keys of a production Vault. */
const readKeys = async (address: string, file: string): Promise<Keys> => {
  if (!existsSync(file)) {
    const keys = await askVault<Keys>({ address }, 'PUT', 'sys/init', { secret_shares: 1, secret_threshold: 1 });
    writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Keys;
};

/** `active` only after a moment: requests before that are answered 500. */
const becomesActive = (address: string): Promise<void> =>
  eventually(
    async () => {
      const { status } = await tryVault({ address }, 'GET', 'sys/health');
      if (status !== 200)
        throw new VaultError('VAULT_NOT_STARTED', `Vault is not active: sys/health answers ${status}.`);
    },
    { deadlineMs: START_DEADLINE_MS, everyMs: 50 },
  );

/**
 * Starts Vault on 127.0.0.1, initialized and unsealed.
 * @throws VaultError
 */
export const startVault = async (options: Options) => {
  const { directory } = options;
  const port = options.port ?? (await freePort());
  const address = `http://127.0.0.1:${port}`;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const configuration = readFileSync(CONFIGURATION, 'utf8').replace('0.0.0.0:8200', `127.0.0.1:${port}`);
  writeFileSync(join(directory, 'server.hcl'), configuration);

  let server = await launch(options, port);
  const { keys, root_token: token } = await readKeys(address, join(directory, 'keys.json')).catch(
    async (error: unknown) => {
      await server.kill();
      throw error;
    },
  );
  const unseal = async (): Promise<void> => {
    await askVault({ address }, 'PUT', 'sys/unseal', { key: keys[0] });
    await becomesActive(address);
  };
  await unseal();
  return {
    address,
    /** May do everything. */
    token,
    /** Where the audit device of vault/set-up.sh writes. */
    auditFile: join(directory, 'audit.log'),
    pid: () => server.pid,
    seal: () => askVault({ address, token }, 'PUT', 'sys/seal'),
    unseal,
    pause: () => {
      server.pause();
    },
    resume: () => {
      server.resume();
    },
    kill: () => server.kill(),
    stop: () => server.stop(),
    /** After `kill` or `stop`, with the same port and data. `unsealed: false` leaves it sealed, as after a restart in production. */
    start: async ({ unsealed = true } = {}): Promise<void> => {
      server = await launch(options, port);
      if (unsealed) await unseal();
    },
  };
};

export type Vault = Awaited<ReturnType<typeof startVault>>;
