// Rotates the signing key and the client secret as docs/rotation.md says: both values are valid until nobody uses the old one.

import { setTimeout as pause } from 'node:timers/promises';

import { newSigningKey } from '../../../src/auth/tokens/new-signing-key.ts';
import { eventually } from '../../../test/support/eventually.ts';
import type { Load } from '../load/load.ts';
import { kidOf } from '../load/measured-calls.ts';
import { CLIENT_ADDRESS } from '../load/users.ts';
import { TOKEN_SECONDS } from '../settings.ts';
import { CLIENT, hashOf, type Stack } from '../stack.ts';
import { rendered, type Auth } from './vault-data.ts';

/** After the file was replaced. */
export type InUse = { readonly what: string; readonly ms: number };

type Deps = { readonly stack: Stack; readonly load: Load; readonly auth: Auth };

const QUICK = { deadlineMs: 20_000, everyMs: 50 };
/** Clocks, and requests on their way. */
const MARGIN_MS = 2000;

const publishedKids = async ({ processes }: Stack): Promise<string[]> => {
  const response = await fetch(`http://127.0.0.1:${processes.get('api')?.port ?? 0}/.well-known/jwks.json`);
  return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
};

const isPublished = (stack: Stack, kid: string, is: boolean): Promise<void> =>
  eventually(async () => {
    if ((await publishedKids(stack)).includes(kid) !== is)
      throw new Error(`the JWK set still has ${is ? 'not ' : ''}${kid}`);
  }, QUICK);

/** @returns how long after the file was replaced the first token was signed by the new key */
export const rotateSigningKey = async ({ stack, load, auth }: Deps): Promise<InUse> => {
  const [old] = auth.current().keys;
  if (old === undefined) throw new Error('there is no signing key');
  const next = await newSigningKey();
  await auth.write({ keys: [old, next] });
  await isPublished(stack, next.kid ?? '', true);

  await auth.write({ keys: [next, old] });
  const { at } = await rendered(stack, 'api', 'auth_signing_keys', (content) =>
    content.startsWith(JSON.stringify({ keys: [next] }).slice(0, -2)),
  );
  const usedAt = await eventually(async () => {
    const token = await load.clientToken();
    const now = Date.now();
    if (token === undefined || kidOf(token) !== next.kid) throw new Error('tokens are still signed by the old key');
    return now;
  }, QUICK);

  await pause(TOKEN_SECONDS * 1000 + MARGIN_MS); // the last token of the old key expires
  await auth.write({ keys: [next] });
  await isPublished(stack, old.kid ?? '', false);
  return { what: 'signing key', ms: usedAt - at };
};

const isAccepted = async ({ caller }: Load, secret: string): Promise<boolean> => {
  const body = { client_id: CLIENT, client_secret: secret };
  return (await caller.call({ method: 'POST', path: '/auth/token', body, from: CLIENT_ADDRESS })).status === 200;
};

const becomes = (load: Load, secret: string, accepted: boolean): Promise<number> =>
  eventually(
    async () => {
      if ((await isAccepted(load, secret)) !== accepted)
        throw new Error(`a client secret is ${accepted ? 'not ' : ''}accepted`);
      return Date.now();
    },
    { ...QUICK, everyMs: 100 },
  );

/** @returns how long after the file was replaced the new secret was accepted */
export const rotateClientSecret = async ({ stack, load, auth }: Deps): Promise<InUse> => {
  const [old = ''] = auth.current().clientSecrets;
  const next = stack.secrets.make('client secret');
  await auth.write({ clientSecrets: [old, next] });
  const { at } = await rendered(stack, 'api', 'auth_clients', (content) => content.includes(hashOf(next)));
  const usedAt = await becomes(load, next, true);

  load.setClientSecret(next);
  await auth.write({ clientSecrets: [next] });
  await rendered(stack, 'api', 'auth_clients', (content) => !content.includes(hashOf(old)));
  await becomes(load, old, false);
  return { what: 'client secret', ms: usedAt - at };
};
