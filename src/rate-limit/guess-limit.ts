// How many passwords may be guessed. Wrong ones count, right ones don't; docs/limits.md says which threat each figure answers.
// No figure can be used up by strangers so that the owner is locked out: a known address has a budget of its own, and beyond
// the budget of an account strangers are slowed down, not refused for good.

import { createHash } from 'node:crypto';

import { LimitError } from './errors.ts';
import type { Client, GuessLimit, LimitDecision, LimitKey, LimitStore, Turn } from './ports.ts';

type Deps = {
  readonly store: LimitStore;
  /** Wrong passwords per minute of one client address; the other figures are multiples of it. */
  readonly perMinute: number;
  /** The longest time that a guess waits for its slot. */
  readonly maxWaitMs: number;
  readonly sleep: (ms: number) => Promise<unknown>;
};

const DAY_MS = 86_400_000;
const KNOWN = { ttlMs: 30 * DAY_MS, max: 16 };
const TRIED = { ttlMs: DAY_MS / 24, max: 10_000 };
/** Between two slots of an account whose budget is used up. */
const SPACING_MS = 1000;

/** The store sees neither a login nor an address of an account. */
const digest = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\0')).digest('base64url').slice(0, 27);

export const makeGuessLimit = ({ store, perMinute, maxWaitMs, sleep }: Deps): GuessLimit => {
  const perAccountAndAddress = Math.ceil(perMinute / 2);
  const perAccount = perMinute * 5;

  const giveBack = (keys: readonly LimitKey[]): Promise<unknown> =>
    Promise.all(keys.map(async ({ key }) => store.giveBack(key)));

  /** Takes one attempt from every budget, or from none. @returns the decision of the one that refused */
  const takeAll = async (keys: readonly LimitKey[]): Promise<LimitDecision | undefined> => {
    const take = async (key: LimitKey) => ({ key, decision: await store.take(key.key, key.factor) });
    const all = await Promise.all(keys.map(take));
    const refusal = all.find(({ decision }) => !decision.allowed);
    if (refusal === undefined) return undefined;
    await giveBack(all.filter(({ decision }) => decision.allowed).map(({ key }) => key));
    return refusal.decision;
  };

  const takeOrThrow = async (keys: readonly LimitKey[]): Promise<void> => {
    const refusal = await takeAll(keys);
    if (refusal !== undefined) throw new LimitError(refusal.retryAfterSeconds);
  };

  const tried = (account: string, { neighbourhood }: Client): [key: string, member: string] => [
    `tried:${account}`,
    digest(account, neighbourhood),
  ];

  const rememberTry = async (account: string, client: Client): Promise<void> => {
    await store.remember(...tried(account, client), TRIED.ttlMs, TRIED.max);
  };

  /** Neighbourhoods that have not tried yet have slots of their own, so an owner at a new address does not queue behind strangers. */
  const waitForSlot = async (account: string, client: Client): Promise<void> => {
    const lane = (await store.remembers(...tried(account, client), TRIED.ttlMs)) ? 'again' : 'first';
    const { booked, waitMs } = await store.book(`slot:${account}:${lane}`, SPACING_MS, maxWaitMs);
    if (!booked) throw new LimitError(Math.max(1, Math.ceil((waitMs - maxWaitMs) / 1000)));
    await rememberTry(account, client);
    if (waitMs > 0) await sleep(waitMs);
  };

  /** @returns the budgets to which the guess goes back unless it is wrong */
  const admitStranger = async (account: string, client: Client, own: LimitKey): Promise<LimitKey[]> => {
    const shared = { key: `account:${account}`, factor: perAccount };
    const addresses = client.networks.map(({ key, factor }) => ({ key: `address:${key}`, factor: factor * perMinute }));
    const taken = [own, ...addresses];
    await takeOrThrow(taken);
    const { allowed, remaining } = await store.take(shared.key, shared.factor);
    if (allowed) {
      // not from the first guess on, so that an attack on many accounts does not fill the store
      if (remaining < perAccount / 2) await rememberTry(account, client);
      return [...taken, shared];
    }
    try {
      await waitForSlot(account, client);
    } catch (error) {
      await giveBack(taken);
      throw error;
    }
    return taken;
  };

  /** Runs `verify`, and takes the guess back unless the password was wrong: when it was right, or when nobody learned what it was. */
  const count = async <T>(taken: readonly LimitKey[], verify: () => Promise<T | undefined>): Promise<T | undefined> => {
    let isWrong = false;
    try {
      const verified = await verify();
      isWrong = verified === undefined;
      return verified;
    } finally {
      if (!isWrong) await giveBack(taken);
    }
  };

  return {
    async signIn(login, client, verify) {
      const account = digest(login);
      const here = digest(account, client.address);
      const own = { key: `guess:${account}:${here}`, factor: perAccountAndAddress };
      const isKnown = await store.remembers(`known:${account}`, here, KNOWN.ttlMs);
      if (isKnown) await takeOrThrow([own]);
      const taken = isKnown ? [own] : await admitStranger(account, client, own);
      const turn: Turn = { key: isKnown ? here : client.neighbourhood, preferred: isKnown };
      const verified = await count(taken, () => verify(turn));
      if (verified !== undefined) await store.remember(`known:${account}`, here, KNOWN.ttlMs, KNOWN.max);
      return verified;
    },

    async byUser(userId, client, verify) {
      const account = digest(userId);
      const taken = [{ key: `user:${account}`, factor: perMinute }];
      await takeOrThrow(taken);
      const turn: Turn = { key: digest(account, client.address), preferred: true };
      return count(taken, () => verify(turn));
    },

    async forget(login) {
      const account = digest(login);
      await Promise.all([store.forget(`known:${account}`), store.forget(`tried:${account}`)]);
    },
  };
};
