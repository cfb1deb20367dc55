// What a caller may rely on, as plain data: how users, sessions and orders must look after the commands so far. No SQL, no cache, no HTTP.

export type Profile = { readonly username: string; readonly name: string; readonly email: string };
export type Price = { readonly amountMinor: number; readonly currency: string };
/** As it was answered last; ids and moments are the service's to choose, everything else is compared. */
export type UserRepresentation = Profile & {
  readonly id: string;
  readonly createdAt: string;
  readonly updatedAt: string;
};
export type OrderRepresentation = Price & { readonly id: string; readonly status: string; readonly placedAt: string };

export type Account = {
  document: UserRepresentation;
  password: string;
  version: number;
  erased: boolean;
  readonly orders: OrderRepresentation[];
  readonly orderOfKey: Map<string, OrderRepresentation>;
};

export type Session = {
  readonly account: Account;
  accessToken: string;
  /** The newest one last: the only one that works. */
  readonly refreshTokens: string[];
  ended: boolean;
};

/** A registration that came with a key: its outcome is kept for as long as its account, a refusal for good. */
export type Kept = {
  readonly request: string;
  readonly outcome: { readonly document: UserRepresentation } | { readonly code: string };
  readonly account?: Account;
};

/** Of an item in a list: its moment, then its id. Text, because both sort as text. */
// eslint-disable-next-line sonarjs/redundant-type-aliases -- says what a string stands for
export type Position = string;
/** Where a page ended. */
export type OpenPage = { readonly cursor: string; readonly position: Position };

export type Model = {
  readonly accounts: Account[];
  readonly sessions: Session[];
  readonly registrationOfKey: Map<string, Kept>;
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

export const living = (model: Model): Account[] => model.accounts.filter(({ erased }) => !erased);

/** The codes with which a profile may be refused: one of them must be answered when there are any. */
export const takenCodes = (model: Model, { username, email }: Partial<Profile>, self?: Account): string[] => {
  const others = living(model).filter((account) => account !== self);
  const isTaken = (field: 'username' | 'email', value: string | undefined): boolean =>
    // eslint-disable-next-line security/detect-object-injection -- one of two names
    value !== undefined && others.some(({ document }) => equalIgnoringCase(document[field], value));
  return [
    ...(isTaken('username', username) ? ['USERNAME_TAKEN'] : []),
    ...(isTaken('email', email) ? ['EMAIL_TAKEN'] : []),
  ];
};

export const findByLogin = (model: Model, login: string): Account | undefined =>
  living(model).find(({ document: { username, email } }) =>
    [username, email].some((name) => equalIgnoringCase(name, login)),
  );

export const endSessions = (model: Model, account: Account, except?: Session): void => {
  for (const session of model.sessions) if (session.account === account && session !== except) session.ended = true;
};

/** Newest first, ties by id; everything after `after`, cut at `limit`. `end` is where it was cut. */
export const pageOf = <T extends { readonly id: string }>(
  items: readonly T[],
  { limit, after, momentOf }: { limit: number; after: Position | undefined; momentOf: (item: T) => string },
): { items: T[]; end: Position | undefined } => {
  const placed = items.map((item) => ({ item, position: `${momentOf(item)} ${item.id}` }));
  const rest = placed
    .toSorted((a, b) => (a.position < b.position ? 1 : -1))
    .filter(({ position }) => after === undefined || position < after);
  const page = rest.slice(0, limit);
  return { items: page.map(({ item }) => item), end: rest.length > limit ? page.at(-1)?.position : undefined };
};
