// The allow-list of spans, as log-fields.ts is that of logs: a tag, a number or a resource that is not listed here leaves no process,
// whichever tracer made it. A value must also match its pattern. Do not add a URL, address, user agent, command, message or body.

export type Allow = (value: string) => string | undefined;

export const matching =
  (pattern: RegExp): Allow =>
  (value) =>
    pattern.test(value) ? value : undefined;

/** A word of code or configuration: no spaces, no `@`, `/`, `?` or `=`. */
export const WORD = matching(/^[\w.:-]{1,128}$/);
/** A pattern such as `/users/:id`; a path with ids is not one, and the tracer never sets it to one. */
const ROUTE = matching(/^[\w/:*.-]{1,128}$/);
export const METHOD = matching(/^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/);

/** Items `dependency:kind` of FAULT_INJECTION, joined by commas. */
export const FAULTS = matching(/^[a-z:,]{3,500}$/);

/** Tags with text. */
export const SPAN_TAGS: ReadonlyMap<string, Allow> = new Map(
  Object.entries({
    // the process
    env: WORD,
    version: WORD,
    language: WORD,
    'runtime-id': WORD,
    // what the span is
    component: WORD,
    'span.kind': WORD,
    '_dd.integration': WORD,
    '_dd.base_service': WORD,
    '_dd.svc_src': WORD,
    '_dd.sdk.otlp_export': WORD,
    // requests
    'http.method': METHOD,
    'http.route': ROUTE,
    'http.status_code': matching(/^\d{3}$/),
    // dependencies: from the configuration
    'out.host': WORD,
    'db.type': WORD,
    'db.name': WORD,
    'messaging.system': WORD,
    // the feature flag that was evaluated last: src/flags/
    'feature_flag.key': WORD,
    'feature_flag.result.variant': WORD,
    'feature_flag.result.reason': WORD,
    // the trace: upper half of its id, sampling decision
    '_dd.p.tid': matching(/^[\da-f]{16}$/),
    '_dd.p.dm': matching(/^-?\d{1,2}$/),
    // drills
    'fault.injected': FAULTS,
    // errors: never the message, which may quote a value; the log line of the same trace has what is safe of it
    'error.type': matching(/^[\w.$]{1,64}$/),
  } satisfies Record<string, Allow>),
);

/** Tags with a number. */
export const SPAN_NUMBERS: ReadonlySet<string> = new Set([
  '_dd.agent_psr',
  '_dd.apm.enabled',
  '_dd.limit_psr',
  '_dd.measured',
  '_dd.rule_psr',
  '_dd.top_level',
  '_sampling_priority_v1',
  'db.pool.wait_time_ms',
  'network.destination.port',
  'process_id',
]);

export const SPAN_TYPES: ReadonlySet<string> = new Set(['web', 'http', 'sql', 'redis', 'worker']);

/** What a span's service may append to the name of this one; the tracer does it for dependencies. */
export const SERVICE_SUFFIXES: ReadonlySet<string> = new Set(['', '-postgres', '-redis', '-http-client']);

/** Why a span links to another trace. */
export const LINK_REASONS: ReadonlySet<string> = new Set(['untrusted_caller', 'terminated_context']);

type Tags = Readonly<Record<string, string>>;
/** The resource of a span, from the tracer's resource and the tags that are allowed. */
type Resource = (resource: string, tags: Tags) => string | undefined;

/**
 * Where values can stand in a statement, also when the tracer cut it off: strings with escapes, strings, dollar-quoted strings, comments, numbers that
 * are no placeholder. PostgreSQL manual, section 4.1.
 */
const VALUES = [
  /\be'(?:[^'\\]|\\[\s\S])*(?:'|\\?$)/,
  /'[^']*(?:'|$)/,
  /\$(\w*)\$[\s\S]*?(?:\$\1\$|$)/,
  /--.*/,
  /\/\*[\s\S]*?(?:\*\/|$)/,
  /(?<![\w$.])\d[\d.]*\b/,
];
/** In one pass: a quote in an identifier or a comment begins no string. */
const TOKEN = new RegExp([...VALUES, /"[^"]*"/].map(({ source }) => source).join('|'), 'gi'); // eslint-disable-line security/detect-non-literal-regexp -- the lines above
const LONGEST_STATEMENT = 2000;

/** A statement without its literals: ours have parameters, but a library may write a value into its SQL. */
export const statement: Resource = (sql) =>
  sql.replace(TOKEN, (token) => (token.startsWith('"') ? token : '?')).slice(0, LONGEST_STATEMENT);
const requested: Resource = (_, tags) => [tags['http.method'], tags['http.route']].filter(Boolean).join(' ');
const word: Resource = WORD;

/** The spans that keep their name. Any other, for example one of a plugin that a new release of the tracer brings, is named `other`. */
export const SPAN_RESOURCES: ReadonlyMap<string, Resource> = new Map(
  Object.entries({
    'fastify.request': requested,
    'web.request': requested,
    'http.request': requested,
    'pg.query': statement,
    'pg.pool.acquire': () => undefined,
    'redis.command': matching(/^[a-z]{1,24}$/i),
    'tcp.connect': () => undefined,
    'dns.lookup': () => undefined,
    /** Event types and topics. */
    'outbox.publish': word,
    'event.consume': word,
  } satisfies Record<string, Resource>),
);
