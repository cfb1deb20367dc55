import type { AuthTransact, CredentialReader, PasswordHasher } from '../auth/ports.ts';
import type { UserId } from '../users/user.ts';

type DemoDeps = {
  readonly registerUser: (input: {
    username: string;
    name: string;
    email: string;
    password: string;
  }) => Promise<{ id: UserId }>;
  readonly credentials: CredentialReader;
  readonly transact: AuthTransact;
  readonly hasher: PasswordHasher;
};

/** Creates the account `demo`, or sets a new password and ends its sessions when it exists from an earlier start. */
export const makeEnsureDemoAccount =
  ({ registerUser, credentials, transact, hasher }: DemoDeps) =>
  async (password: string): Promise<{ id: UserId; username: string; password: string }> => {
    const username = 'demo';
    const existing = await credentials.findByLogin(username);
    if (existing === undefined) {
      const { id } = await registerUser({ username, name: 'Demo User', email: 'demo@example.com', password });
      return { id, username, password };
    }
    const { userId } = existing;
    const passwordHash = await hasher.hash(password);
    await transact(async (stores) => {
      await stores.credentials.findForUpdate(userId);
      await stores.credentials.replace({ userId, passwordHash });
      await stores.sessions.endAll(userId);
    });
    return { id: userId, username, password };
  };
