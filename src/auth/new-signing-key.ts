import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

/**
 * A fresh private key for signing access tokens, as a JWK that names its one algorithm (ES256) and carries a random `kid`.
 * To rotate: put it *last* in the set, wait until every process has read it, move it first, drop the old one when its last token has ended.
 */
export const newSigningKey = async (): Promise<JWK> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: randomUUID() };
};
