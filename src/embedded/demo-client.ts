import { createHash, randomBytes } from 'node:crypto';

/** A service that may read and list all users, with a new secret for each start; `clients` is the text of the secret file `auth_clients`. */
export const makeDemoClient = (): { id: string; secret: string; clients: string } => {
  const id = 'demo-service';
  const secret = randomBytes(32).toString('base64url');
  const secretSha256 = [createHash('sha256').update(secret).digest('hex')];
  return { id, secret, clients: JSON.stringify({ [id]: { secretSha256, scopes: ['users:read', 'users:list'] } }) };
};
