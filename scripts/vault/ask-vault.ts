// One request to Vault's HTTP API. https://developer.hashicorp.com/vault/api-docs

import { VaultError } from './vault-error.ts';

export type VaultAddress = { readonly address: string; readonly token?: string };

export type Reply = { readonly status: number; readonly body: unknown };

const TIMEOUT_MS = 10_000;

/**
 * @param path below /v1/, e.g. `user-service/data/auth`
 * @throws Error when there is no answer within 10 seconds
 */
export const tryVault = async (
  { address, token }: VaultAddress,
  method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'LIST',
  path: string,
  content?: object,
): Promise<Reply> => {
  const response = await fetch(`${address}/v1/${path}`, {
    method,
    headers: token === undefined ? {} : { 'x-vault-token': token },
    ...(content !== undefined && { body: JSON.stringify(content) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
};

/**
 * The same for requests that have to succeed.
 * @returns the body
 * @throws VaultError VAULT_REFUSED with Vault's reasons
 */
export const askVault = async <T>(...request: Parameters<typeof tryVault>): Promise<T> => {
  const { status, body } = await tryVault(...request);
  if (status < 400) return body as T;
  const [, method, path] = request;
  const reasons = (body as { errors?: string[] }).errors ?? [];
  throw new VaultError('VAULT_REFUSED', `Vault answered ${method} ${path} with ${status}: ${reasons.join('; ')}`);
};
