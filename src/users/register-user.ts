import type { Fault } from '../errors/coded-error.ts';
import type { CredentialReader, PasswordHasher, Turn } from '../auth/ports.ts';
import type { Idempotent, Outcome, Refusal } from '../idempotency/ports.ts';
import { userRegistered } from './events.ts';
import type { RegistrationStore, UserTelemetry } from './ports.ts';
import { assertNoFaults, findProfileFaults, type Profile } from './profile.ts';
import type { UserReader } from './reader.ts';
import { toUserRepresentation, type UserRepresentation } from './user-representation.ts';
import { newUuid } from '../uuid/uuid.ts';
import type { User, UserId } from './user.ts';

type Deps = {
  readonly registrations: RegistrationStore;
  readonly idempotent: Idempotent;
  /** For a retry: what is stored, not a cached copy. */
  readonly users: UserReader;
  readonly credentials: Pick<CredentialReader, 'findByUserId'>;
  readonly hasher: Pick<PasswordHasher, 'hash' | 'verify'>;
  /** Why a password is not accepted, see auth/passwords/password-policy.ts. */
  readonly findPasswordFaults: (password: string, pointer: string, owner: Profile) => Fault[];
  readonly telemetry: Pick<UserTelemetry, 'userRegistered'>;
  readonly now: () => Date;
};

export type RegisterUserInput = Profile & { readonly password: string };

const newUser = ({ username, name, email }: Profile, now: Date): User => ({
  id: newUuid(now),
  username,
  name,
  email,
  version: 1,
  createdAt: now,
  updatedAt: now,
});

const hasProfile = ({ json }: UserRepresentation, { username, name, email }: Profile): boolean => {
  const user = JSON.parse(json) as Profile;
  return user.username === username && user.name === name && user.email === email;
};

/**
 * A retry gets the current user. It has to come from the same request: the same profile, unless that was changed since, and the password of the
 * account. A retry with another one, or after a change of the password, is refused, and takes as long as one that is not.
 * @throws UserError USER_INPUT_INVALID (all fields at once) | USERNAME_TAKEN | EMAIL_TAKEN
 * @throws IdempotencyError IDEMPOTENCY_KEY_REUSED
 * @throws Unavailable HASHING_BUSY | STORE_UNAVAILABLE | STORE_TIMEOUT
 */
export const makeRegisterUser = (deps: Deps) => {
  const { registrations, idempotent, users, credentials, hasher, findPasswordFaults, telemetry, now } = deps;

  type Registered = UserRepresentation & { readonly id: UserId };

  const register = async (input: RegisterUserInput, keyHash?: Buffer, turn?: Turn): Promise<Registered> => {
    const passwordHash = await hasher.hash(input.password, turn);
    const user = newUser(input, now());
    await registrations.insert({ user, passwordHash, event: userRegistered(user), keyHash });
    telemetry.userRegistered({ userId: user.id });
    return { id: user.id, ...toUserRepresentation(user) };
  };

  const replay = async (
    input: RegisterUserInput,
    { id, version }: Outcome,
    { reused, closed }: Refusal,
    turn?: Turn,
  ): Promise<Registered | undefined> => {
    const [user, credential] = [await users.findRepresentation(id), await credentials.findByUserId(id)];
    if (user === undefined || credential === undefined) return undefined; // erased since, and the key with it
    const isRightPassword = await hasher.verify(input.password, credential.passwordHash, turn);
    if (user.version === version && !hasProfile(user, input)) throw reused();
    if (!isRightPassword) throw await closed(); // one guess per key, or retries would be a sign-in without its limits
    return { id, ...user };
  };

  return async (
    input: RegisterUserInput,
    key?: string,
    turn?: Turn,
  ): Promise<{ id: UserId; representation: UserRepresentation }> => {
    assertNoFaults([...findProfileFaults(input), ...findPasswordFaults(input.password, '/password', input)]);

    const { id, ...representation } = await idempotent({
      operation: 'register-user',
      key,
      request: input,
      work: (keyHash) => register(input, keyHash, turn),
      replay: (outcome, refusal) => replay(input, outcome, refusal, turn),
    });
    return { id, representation };
  };
};

export type RegisterUser = ReturnType<typeof makeRegisterUser>;
