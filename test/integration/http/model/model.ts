// The expected state as plain data: users, sessions and orders after the commands so far. No SQL, cache or HTTP.

export type Profile = { readonly username: string; readonly name: string; readonly email: string };
export type Price = { readonly amountMinor: number; readonly currency: string };
/** The latest response. The service chooses ids and times; everything else is compared. */
export type UserRepresentation = Profile & {
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
};
export type OrderRepresentation = Price & { readonly id: string; readonly status: string; readonly placedAt: string };

export type Account = {
  representation: UserRepresentation;
  password: string;
  version: number;
  erased: boolean;
  readonly orders: OrderRepresentation[];
  readonly orderOfKey: Map<string, OrderRepresentation>;
};

export type Session = {
  readonly account: Account;
  accessToken: string;
  /** The newest one is last; only that one is valid. */
  readonly refreshTokens: string[];
  ended: boolean;
};

/** A registration with a key: stored as long as the account exists. A retry with a wrong password closes the key. */
export type StoredOutcome = { readonly account: Account; closed: boolean };

/** Position of an item in a list: its time, then its id. Both sort as text. */
// eslint-disable-next-line sonarjs/redundant-type-aliases -- says what a string stands for
export type Position = string;
/** The end of a page. */
export type OpenPage = { readonly cursor: string; readonly position: Position };

export type Model = {
  readonly accounts: Account[];
  readonly sessions: Session[];
  readonly registrationOfKey: Map<string, StoredOutcome>;
  userPages: OpenPage[];
  readonly orderPages: Map<Account, OpenPage[]>;
};

export const emptyModel = (): Model => ({
  accounts: [],
  sessions: [],
  registrationOfKey: new Map(),
  userPages: [],
  orderPages: new Map(),
});

const equalIgnoringCase = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

export const existing = (model: Model): Account[] => model.accounts.filter(({ erased }) => !erased);

/** The possible error codes for a profile: if there are any, the response must have one of them. */
export const takenCodes = (model: Model, { username, email }: Partial<Profile>, self?: Account): string[] => {
  const others = existing(model).filter((account) => account !== self);
  const isTaken = (field: 'username' | 'email', value: string | undefined): boolean =>
    // eslint-disable-next-line security/detect-object-injection -- one of two names
    value !== undefined && others.some(({ representation }) => equalIgnoringCase(representation[field], value));
  return [
    ...(isTaken('username', username) ? ['USERNAME_TAKEN'] : []),
    ...(isTaken('email', email) ? ['EMAIL_TAKEN'] : []),
  ];
};

export const findByLogin = (model: Model, login: string): Account | undefined =>
  existing(model).find(({ representation: { username, email } }) =>
    [username, email].some((name) => equalIgnoringCase(name, login)),
  );

export const endSessions = (model: Model, account: Account, except?: Session): void => {
  for (const session of model.sessions) if (session.account === account && session !== except) session.ended = true;
};

/** Newest first, equal times by id: at most `limit` items after `after`. `end` is the position of the last item, if there is a next page. */
export const pageOf = <T extends { readonly id: string }>(
  items: readonly T[],
  { limit, after, timeOf }: { limit: number; after: Position | undefined; timeOf: (item: T) => string },
): { items: T[]; end: Position | undefined } => {
  const placed = items.map((item) => ({ item, position: `${timeOf(item)} ${item.id}` }));
  const rest = placed
    .toSorted((a, b) => (a.position < b.position ? 1 : -1))
    .filter(({ position }) => after === undefined || position < after);
  const page = rest.slice(0, limit);
  return { items: page.map(({ item }) => item), end: rest.length > limit ? page.at(-1)?.position : undefined };
};
