// What the demo shows, step by step, while requests are sent.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { eventually } from '../../../test/support/eventually.ts';
import { askVault, tryVault } from '../ask-vault.ts';
import { readAudit, whoReadWhat } from '../read-audit.ts';
import type { DemoArguments } from './arguments.ts';
import type { Demo } from './open-demo.ts';
import type { Sending } from './send-requests.ts';

type Show = {
  readonly demo: Demo;
  readonly sending: Sending;
  readonly arguments: DemoArguments;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
};

const RENDER_SECONDS = 10; // agent/demo.hcl
const LOGINS = 3;

type Credentials = { readonly username: string; readonly expiresAt: number };

const textOf = (demo: Demo, name: string): string => readFileSync(join(demo.agent.secrets, name), 'utf8').trim();
const credentials = (demo: Demo): Credentials => JSON.parse(textOf(demo, 'postgres_credentials')) as Credentials;
const describe = ({ username, expiresAt }: Credentials): string =>
  `${username}, valid for ${Math.round(expiresAt - Date.now() / 1000)} s`;
const requests = ({ sending }: Show): string => {
  const { sent, failed } = sending.count();
  return `${sent} requests, ${failed} failed`;
};

/** `{ signal }`, and a limit in seconds. */
const within = ({ signal }: Show, seconds: number) => ({ deadlineMs: seconds * 1000, everyMs: 50, signal });

const showLogins = async (show: Show): Promise<void> => {
  const { demo, print } = show;
  const { mode, leaseSeconds } = show.arguments;
  const what =
    mode === 'dynamic' ? 'Vault creates logins of PostgreSQL' : 'Vault changes the password of a login of PostgreSQL';
  print(`\n${what} for ${leaseSeconds} s each. In use: ${describe(credentials(demo))}`);
  for (let round = 1; round < LOGINS; round += 1) {
    const before = textOf(demo, 'postgres_credentials');
    await eventually(
      () => {
        if (textOf(demo, 'postgres_credentials') === before) throw new Error('The agent has rendered no new login.');
      },
      within(show, leaseSeconds + 15),
    );
    print(`  changed: ${describe(credentials(demo))}; ${requests(show)}`);
  }
};

/** The token of the management port: a wrong one is answered 401. */
const isAccepted = async ({ demo }: Show, token: string): Promise<void> => {
  const response = await fetch(`${demo.api.managementUrl}/management/log-level`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`The management port answers ${response.status}.`);
};

const showNewVersion = async (show: Show): Promise<void> => {
  const { demo, print } = show;
  print('\nAn operator writes a new token of the management port to KV:');
  print('  vault kv put -mount=user-service management token=@http_management_token');
  const token = randomBytes(24).toString('base64url');
  const start = performance.now();
  await askVault(demo.vault, 'PUT', 'user-service/data/management', { data: { token } });
  const rendered = eventually(
    () => {
      const isRendered = textOf(demo, 'http_management_token') === token;
      if (!isRendered) throw new Error('The agent has not rendered the new token.');
    },
    within(show, RENDER_SECONDS + 5),
  );
  await rendered;
  print(
    `  rendered after ${((performance.now() - start) / 1000).toFixed(1)} s (the agent asks every ${RENDER_SECONDS} s)`,
  );
  // few attempts: five wrong tokens a minute are answered 429
  await eventually(() => isAccepted(show, token), { ...within(show, 5), everyMs: 1100 });
  print(`  accepted by the api after ${((performance.now() - start) / 1000).toFixed(1)} s; ${requests(show)}`);
};

const showSealed = async (show: Show): Promise<void> => {
  const { demo, print, signal } = show;
  const { leaseSeconds } = show.arguments;
  const seconds = Math.round(leaseSeconds / 4);
  print(`\nVault is sealed for ${seconds} s: it answers every request with 503.`);
  await demo.vault.seal();
  await pause(seconds * 1000, undefined, { signal });
  print(`  the login in use is ${describe(credentials(demo))}; ${requests(show)}`);
  await demo.vault.unseal();
  const before = textOf(demo, 'postgres_credentials');
  print('  unsealed');
  await eventually(
    () => {
      if (textOf(demo, 'postgres_credentials') === before) throw new Error('The agent has rendered no new login.');
    },
    within(show, leaseSeconds + 15),
  );
  print(`  changed: ${describe(credentials(demo))}; ${requests(show)}`);
};

const showDenied = async ({ demo, print }: Show): Promise<void> => {
  print('\nThe api asks with its own token for what it may not read:');
  const identity = (name: string): string => readFileSync(join(demo.agent.secrets, '..', name), 'utf8').trim();
  const body = { role_id: identity('role-id'), secret_id: identity('secret-id') };
  const { auth } = await askVault<{ auth: { client_token: string } }>(
    { address: demo.vault.address },
    'PUT',
    'auth/approle/login',
    body,
  );
  for (const path of ['database/creds/user-service-owner', 'user-service/data/kafka']) {
    const { status } = await tryVault({ address: demo.vault.address, token: auth.client_token }, 'GET', path);
    print(`  ${path}: ${status}`);
  }
};

/** @throws the reason of the signal when the demo is interrupted */
export const showDemo = async (show: Show): Promise<void> => {
  await showLogins(show);
  await showNewVersion(show);
  await showSealed(show);
  await showDenied(show);
  show.print('\nWho read what, from the audit device:\n');
  show.print(whoReadWhat(readAudit(show.demo.vault.auditFile)).replaceAll(/^/gm, '  '));
};
