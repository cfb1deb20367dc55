// Every feature flag: the only place where one is added. docs/feature-flags.md says how. A flag that is not listed here is refused in the file.

/** What all flags have. */
type About = {
  readonly description: string;
  /** The role that decides about it: ops/oncall.yaml names the roles. */
  readonly owner: string;
  /**
   * `permanent`: a switch for operators, which stays. A date (`2027-03-31`): the release that still contains the flag after it does not pass the
   * tests, because a temporary flag that nobody removes becomes a second configuration.
   */
  readonly expires: 'permanent' | `${number}-${number}-${number}`;
};

export type BooleanFlag = About & { readonly type: 'boolean'; readonly default: boolean };
/** An integer. Without a value in the file the caller's own value applies, usually a setting. */
export type NumberFlag = About & { readonly type: 'number'; readonly minimum: number; readonly maximum: number };
export type FlagDefinition = BooleanFlag | NumberFlag;

export const FLAGS = {
  'accept-orders': {
    type: 'boolean',
    default: true,
    description:
      'Off: `POST /orders` responds with 503 `ORDERS_PAUSED`. Everything else works, also a retry of an order that was accepted.',
    owner: 'primary',
    expires: 'permanent',
  },
  'payment-decline-limit-minor': {
    type: 'number',
    minimum: 0,
    maximum: 1_000_000_000,
    description:
      'The payment sandbox declines amounts above it, in minor units. Without it `PAYMENTS_LIMIT_MINOR` applies.',
    owner: 'product',
    expires: 'permanent',
  },
} as const satisfies Readonly<Record<string, FlagDefinition>>;

export type FlagKey = keyof typeof FLAGS;
type KeyOf<T extends FlagDefinition['type']> = {
  [K in FlagKey]: (typeof FLAGS)[K]['type'] extends T ? K : never;
}[FlagKey];
export type BooleanFlagKey = KeyOf<'boolean'>;
export type NumberFlagKey = KeyOf<'number'>;

/** In the order of the table. */
export const FLAG_KEYS = Object.keys(FLAGS) as readonly FlagKey[];

// eslint-disable-next-line security/detect-object-injection -- only names of the table compile
export const definitionOf = (key: FlagKey): FlagDefinition => FLAGS[key];
