import type { Fault } from '../errors/coded-error.ts';
import type { PasswordHasher, Turn } from '../auth/ports.ts';
import type { Idempotent } from '../idempotency/ports.ts';
import { isTakenCode, takenError, UserError } from './errors.ts';
import { userRegistered } from './events.ts';
import type { RegistrationStore, UserTelemetry } from './ports.ts';
import { assertNoFaults, findProfileFaults, type Profile } from './profile.ts';
import { toUserRepresentation, type UserRepresentation } from './user-representation.ts';
import { newUuid } from '../uuid/uuid.ts';
import type { User, UserId } from './user.ts';

type Deps = {
  readonly registrations: RegistrationStore;
  readonly idempotent: Idempotent;
  readonly hasher: Pick<PasswordHasher, 'hash'>;
  /** Why a password is not accepted, see auth/passwords/password-policy.ts. */
  readonly findPasswordFaults: (password: string, pointer: string, owner: Profile) => Fault[];
  readonly telemetry: Pick<UserTelemetry, 'userRegistered'>;
  readonly now: () => Date;
};

export type RegisterUserInput = Profile & { readonly password: string };

const finalErrors = {
  toCode: (error: unknown): string | undefined =>
    error instanceof UserError && isTakenCode(error.code) ? error.code : undefined,
  toError: (code: string): Error =>
    isTakenCode(code) ? takenError(code) : new Error(`The stored error code ${code} is unknown.`),
};

const newUser = ({ username, name, email }: Profile, now: Date): User => ({
  id: newUuid(now),
  username,
  name,
  email,
  version: 1,
  createdAt: now,
  updatedAt: now,
});

/**
 * @throws UserError USER_INPUT_INVALID (all fields at once) | USERNAME_TAKEN | EMAIL_TAKEN
 * @throws IdempotencyError IDEMPOTENCY_KEY_REUSED
 * @throws Unavailable HASHING_BUSY | STORE_UNAVAILABLE | STORE_TIMEOUT
 */
export const makeRegisterUser = (deps: Deps) => {
  const { registrations, idempotent, hasher, findPasswordFaults, telemetry, now } = deps;

  return async (
    input: RegisterUserInput,
    key?: string,
    turn?: Turn,
  ): Promise<{ id: UserId; representation: UserRepresentation }> => {
    assertNoFaults([...findProfileFaults(input), ...findPasswordFaults(input.password, '/password', input)]);

    const { id, ...representation } = await idempotent(
      { operation: 'register-user', key, request: input, finalErrors },
      async (identity) => {
        const passwordHash = await hasher.hash(input.password, turn);
        const user = newUser(input, now());
        const event = userRegistered(user);
        const result = { id: user.id, ...toUserRepresentation(user) };
        const idempotency = identity && { ...identity, outcome: { kind: 'done' as const, ...result } };
        await registrations.insert({ user, passwordHash, event, ...(idempotency && { idempotency }) });
        telemetry.userRegistered({ userId: user.id });
        return result;
      },
    );
    return { id, representation };
  };
};

export type RegisterUser = ReturnType<typeof makeRegisterUser>;
