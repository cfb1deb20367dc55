// A Vault that is configured as docs/vault.md says, on a database of its own, from `beforeAll` to `afterAll`.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';

import { afterAll, beforeAll, inject } from 'vitest';

import { newSigningKey } from '../../../src/auth/tokens/new-signing-key.ts';
import { variable } from '../../../src/config/environment.ts';
import { askVault } from '../../../scripts/vault/ask-vault.ts';
import { configureVault, type Mode } from '../../../scripts/vault/configure-vault.ts';
import { launchAgent, type Agent, type AgentOptions, type Role } from '../../../scripts/vault/start-agent.ts';
import { startVault, type Vault } from '../../../scripts/vault/start-vault.ts';
import { LOGINS, using } from '../../support/template-database.ts';
import { makeTestDatabase, type TestDatabase } from '../../support/test-database.ts';

export const PROGRAM = variable(env, 'VAULT') ?? 'vault';

const newSecrets = async () => ({
  auth_signing_keys: JSON.stringify({ keys: [await newSigningKey()] }),
  auth_clients: JSON.stringify({ 'notification-service': { secretSha256: ['ab'.repeat(32)], scopes: ['users:read'] } }),
  redis_password: randomBytes(24).toString('base64url'),
  kafka_password: randomBytes(24).toString('base64url'),
  http_management_token: randomBytes(24).toString('base64url'),
});

export type Configured = {
  readonly vault: Vault;
  readonly database: TestDatabase;
  /** The first secrets, by the name of their file. */
  readonly secrets: Awaited<ReturnType<typeof newSecrets>>;
  /** The token of a process, from the AppRole. */
  readonly logIn: (role: Role) => Promise<string>;
  /** A token with the policy user-service-operator. */
  readonly operator: () => Promise<string>;
  /** Ends with the file. Without a token it is not issued an identity. */
  readonly launch: (options: Partial<AgentOptions> & { role: Role }) => Promise<Agent>;
};

const approle = async ({ address, token }: Vault, role: Role): Promise<string> => {
  const at = `auth/approle/role/user-service-${role}`;
  const id = await askVault<{ data: { role_id: string } }>({ address, token }, 'GET', `${at}/role-id`);
  const secret = await askVault<{ data: { secret_id: string } }>({ address, token }, 'PUT', `${at}/secret-id`);
  const body = { role_id: id.data.role_id, secret_id: secret.data.secret_id };
  const { auth } = await askVault<{ auth: { client_token: string } }>({ address }, 'PUT', 'auth/approle/login', body);
  return auth.client_token;
};

const operatorToken = async ({ address, token }: Vault): Promise<string> => {
  const body = { policies: ['user-service-operator'], display_name: 'operator' };
  const { auth } = await askVault<{ auth: { client_token: string } }>(
    { address, token },
    'PUT',
    'auth/token/create',
    body,
  );
  return auth.client_token;
};

type Options = { readonly mode: Mode; readonly leaseSeconds: number };

const open = async (
  folder: string,
  { mode, leaseSeconds }: Options,
): Promise<Configured & { close: () => Promise<void> }> => {
  const database = await makeTestDatabase();
  const vault = await startVault({ directory: join(folder, 'vault'), vault: PROGRAM });
  const secrets = await newSecrets();
  const { postgres } = inject('servers');
  const { address, token } = vault;
  await configureVault({
    ...{ address, token, vault: PROGRAM, directory: folder, mode, leaseSeconds, secrets },
    database: { ...postgres, database: database.database },
  });
  const agents: Agent[] = [];
  let folders = 0;
  return {
    ...{ vault, database, secrets },
    logIn: (role) => approle(vault, role),
    operator: () => operatorToken(vault),
    launch: async (options) => {
      folders += 1;
      const directory = join(folder, `agent-${folders}`);
      const agent = await launchAgent({ mode, kafka: true, directory, vault: PROGRAM, address, token, ...options });
      agents.push(agent);
      return agent;
    },
    close: async () => {
      await Promise.all(agents.map((agent) => agent.kill()));
      await vault.kill();
      await database.drop();
      // the logins belong to the server, not to the database: other files use them with these passwords
      await using({ ...postgres, database: 'postgres' }, async (client) => {
        await client.query(`ALTER ROLE ${LOGINS.appUser} PASSWORD '${LOGINS.appPassword}'`);
        await client.query(`ALTER ROLE ${LOGINS.ownerUser} PASSWORD '${LOGINS.ownerPassword}'`);
      });
    },
  };
};

/** Call it at the top of the file. @param assign called in `beforeAll` */
export const useVault = (options: Options, assign: (made: Configured) => unknown): void => {
  let folder: string | undefined;
  let made: Awaited<ReturnType<typeof open>> | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'user-service-vault-'));
    made = await open(folder, options);
    assign(made);
  });
  afterAll(async () => {
    await made?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });
};
