import type { Credential } from '../../auth/ports.ts';

export type CredentialRow = { readonly user_id: string; readonly password_hash: string };

export const toCredential = (row: CredentialRow): Credential => ({
  userId: row.user_id,
  passwordHash: row.password_hash,
});
