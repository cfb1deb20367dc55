// What the person or job that rotates secrets writes to Vault.

import { readFileSync } from 'node:fs';

import type { JWK } from 'jose';

import { eventually } from '../../../test/support/eventually.ts';
import { askVault } from '../../vault/ask-vault.ts';
import { clientsOf, type Stack } from '../stack.ts';
import type { Replacement } from '../rendered-files.ts';
import type { Role } from '../settings.ts';

export type AuthData = { readonly keys: readonly JWK[]; readonly clientSecrets: readonly string[] };

const PATIENCE = { deadlineMs: 60_000, everyMs: 20 };

export const writeKv = ({ vault }: Stack, name: string, data: Readonly<Record<string, string>>): Promise<unknown> =>
  askVault(vault, 'PUT', `user-service/data/${name}`, { data });

/** Signing keys and client secrets are one entry of Vault: a write replaces both. */
export const openAuthData = async (stack: Stack) => {
  const { data } = await askVault<{ data: { data: { signing_keys: string } } }>(
    stack.vault,
    'GET',
    'user-service/data/auth',
  );
  let current: AuthData = {
    keys: (JSON.parse(data.data.signing_keys) as { keys: JWK[] }).keys,
    clientSecrets: [stack.clientSecret],
  };
  return {
    current: () => current,
    write: async (change: Partial<AuthData>): Promise<void> => {
      current = { ...current, ...change };
      const { keys, clientSecrets } = current;
      await writeKv(stack, 'auth', { signing_keys: JSON.stringify({ keys }), clients: clientsOf(clientSecrets) });
    },
  };
};

export type Auth = Awaited<ReturnType<typeof openAuthData>>;

/** Waits until the agent has rendered a content. @returns when the file was replaced */
export const rendered = ({ files }: Stack, role: Role, file: string, isIt: (content: string) => boolean) =>
  eventually((): Replacement => {
    const newest = files.newest(role, file);
    if (newest === undefined || !isIt(newest.content))
      throw new Error(`${file} of ${role} has not been rendered again`);
    return newest;
  }, PATIENCE);

/** Waits until a process has read a changed setting, by its audit log. @param since milliseconds since the epoch */
export const isRead = ({ emitted }: Stack, role: Role, setting: string, since: number): Promise<void> =>
  eventually(
    () => {
      const lines = readFileSync(emitted.logFileOf(role), 'utf8')
        .split('\n')
        .filter((line) => line.includes('sys_secret_changed') && line.includes(setting));
      const newest = JSON.parse(lines.at(-1) ?? '{}') as { timestamp?: string };
      if (Date.parse(newest.timestamp ?? '') >= since) return;
      throw new Error(`${role} has not read ${setting} again`);
    },
    { ...PATIENCE, everyMs: 250 },
  );
