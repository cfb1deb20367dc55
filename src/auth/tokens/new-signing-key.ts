import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

/**
 * A new private key that signs access tokens, as a JWK with its algorithm (ES256) and a random `kid`, which begins with `prefix`.
 * To rotate keys: append it to the set, wait until every process has read it, move it to the front, and remove the old key when its last
 * token has expired.
 */
export const newSigningKey = async (prefix = ''): Promise<JWK> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: `${prefix}${randomUUID()}` };
};
