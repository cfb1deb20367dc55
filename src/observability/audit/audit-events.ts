// The security events of this service: which there are, and what each may contain. Names: OWASP Application Logging Vocabulary Cheat Sheet, where it
// has one. An event holds ids, never an e-mail, a name, a password or a token.

import { Type, type TSchema } from 'typebox';

export type Outcome = 'success' | 'refused';
export type ActorKind = 'user' | 'service' | 'operator' | 'process' | 'anonymous';
export type TargetKind =
  'user' | 'session' | 'order' | 'users' | 'setting' | 'feature-flag' | 'migration' | 'route' | 'management';

export type AuditEvent = {
  readonly description: string;
  readonly outcomes: readonly Outcome[];
  /** The last one is that of an event without a known actor. */
  readonly actors: readonly ActorKind[];
  /** None: the event is about its actor. */
  readonly targets: readonly TargetKind[];
  readonly reasons: readonly string[];
  readonly details: Readonly<Record<string, TSchema>>;
  /** Of the caller. It is personal data, kept where an attack can't be traced without it (GDPR recital 49). */
  readonly address: boolean;
  /** Which programs write it. */
  readonly writers: readonly string[];
};

const API = ['api'];
const LONG_RUNNING = ['api', 'relay', 'worker'];

const DEFAULTS = {
  outcomes: ['success'],
  actors: ['user'],
  targets: [],
  reasons: [],
  details: {},
  address: false,
  writers: API,
} as const;

const event = <const E extends Partial<AuditEvent> & { readonly description: string }>(
  given: E,
): Omit<typeof DEFAULTS, keyof E> & E => ({ ...DEFAULTS, ...given });

/** `default`: the flag is not in the file, and the value is the caller's. */
const FLAG_VALUE = Type.String({ pattern: String.raw`^(?:true|false|default|\d{1,16})$` });

const PROFILE_FIELDS = ['username', 'name', 'email'];
export const MANAGEMENT_ACTIONS = [
  'log-level',
  'readiness',
  'diagnostic-report',
  'cpu-profile',
  'heap-snapshot',
  'diagnostics-file',
] as const;

export const AUDIT_EVENTS = {
  user_created: event({ description: 'A user registered.' }),
  user_updated: event({
    description: 'A user changed the own profile. `fields` names what was changed.',
    details: { fields: Type.Array(Type.Enum(PROFILE_FIELDS)), version: Type.Integer() },
  }),
  user_email_changed: event({ description: 'A user changed the own e-mail address, with the password entered again.' }),
  user_deleted: event({ description: 'A user erased the own account (GDPR article 17).' }),
  authn_login_success: event({ description: 'A user signed in.' }),
  authn_login_fail: event({
    description: 'A sign-in with an unknown login or a wrong password. The login is not recorded.',
    outcomes: ['refused'],
    actors: ['anonymous'],
    reasons: ['credentials'],
    address: true,
  }),
  excess_rate_limit_exceeded: event({
    description: 'A strict limit refused an attempt: sign-in, registration, a password entered again, a client token.',
    outcomes: ['refused'],
    actors: ['user', 'service', 'anonymous'],
    targets: ['route'],
    reasons: ['RATE_LIMITED'],
    address: true,
  }),
  authn_reauthentication: event({
    description: 'A user entered the password again within a session, rightly or wrongly.',
    outcomes: ['success', 'refused'],
    reasons: ['credentials'],
    address: true,
  }),
  authn_token_reuse: event({
    description: 'A refresh token was used twice: it or its successor was stolen, and the session has ended.',
    outcomes: ['refused'],
    reasons: ['reused'],
    address: true,
  }),
  authn_logout: event({ description: 'A user signed out.' }),
  authn_password_change: event({
    description: 'A user changed the password, which ended the other sessions.',
    details: { endedSessions: Type.Integer() },
  }),
  authn_client_token: event({
    description: 'A service asked for a token. A client id is recorded only if the client is known.',
    outcomes: ['success', 'refused'],
    actors: ['service', 'anonymous'],
    reasons: ['credentials', 'scope'],
    address: true,
  }),
  authn_token_rejected: event({
    description:
      'An access token of an ended session, or one that this service did not sign. An expired token is no event.',
    outcomes: ['refused'],
    actors: ['user', 'anonymous'],
    targets: ['route'],
    reasons: ['revoked', 'forged'],
    address: true,
  }),
  authz_fail: event({
    description:
      'An authenticated caller asked for what is not the caller’s: 403, or 404 for the account of somebody else.',
    outcomes: ['refused'],
    actors: ['user', 'service'],
    targets: ['route'],
    reasons: ['SCOPE_MISSING', 'ORDER_NEEDS_USER', 'SESSION_REQUIRED', 'ACCESS_DENIED'],
    address: true,
  }),
  sensitive_read: event({
    description: 'A service read a page of the list of all users.',
    actors: ['user', 'service'],
    targets: ['users'],
    details: { count: Type.Integer() },
  }),
  management_action: event({
    description: 'An operator used a handle of the management port, or somebody tried to without the token.',
    outcomes: ['success', 'refused'],
    actors: ['operator', 'anonymous'],
    targets: ['management'],
    reasons: ['token', 'RATE_LIMITED'],
    details: {
      action: Type.Enum([...MANAGEMENT_ACTIONS]),
      level: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
      ready: Type.Boolean(),
      minutes: Type.Integer(),
    },
    address: true,
    writers: LONG_RUNNING,
  }),
  sys_startup: event({
    description: 'A process has started, with this version.',
    actors: ['process'],
    details: { commit: Type.String({ pattern: '^[\\w.-]{1,64}$' }) },
    writers: LONG_RUNNING,
  }),
  sys_shutdown: event({
    description: 'A process is stopping: by a signal, or because it cannot go on.',
    actors: ['process'],
    reasons: ['SIGTERM', 'SIGINT', 'unexpected error', 'start failed', 'consumer ended'],
    writers: LONG_RUNNING,
  }),
  sys_secret_changed: event({
    description: 'The content of a secret file changed: it is in use, or it is refused and the last valid one stays.',
    outcomes: ['success', 'refused'],
    actors: ['process'],
    targets: ['setting'],
    reasons: ['invalid'],
    writers: LONG_RUNNING,
  }),
  sys_feature_flag_changed: event({
    description:
      'The file of feature flags changed: a flag has another value, or the content is refused and the last valid values stay.',
    outcomes: ['success', 'refused'],
    actors: ['process'],
    targets: ['feature-flag', 'setting'],
    reasons: ['invalid'],
    details: { source: Type.Enum(['file']), from: FLAG_VALUE, to: FLAG_VALUE },
    writers: ['api', 'worker'],
  }),
  sys_migration_applied: event({
    description: 'A migration was applied to the database, or reverted.',
    actors: ['process'],
    targets: ['migration'],
    details: { direction: Type.Enum(['up', 'down']) },
    writers: ['migrate'],
  }),
} as const satisfies Readonly<Record<string, AuditEvent>>;

export type AuditEventName = keyof typeof AUDIT_EVENTS;
