// The allow-list for New Relic, as span-fields.ts is that for spans of dd-trace: New Relic's names for the same facts. What is not listed
// here leaves no process. Do not add a URL, address, user agent, command, message or body.

import { matching, METHOD, statement, WORD, type Allow } from './span-fields.ts';

/** Ids, times and flags of the agent's own events: never text from a caller. */
const NUMBER = matching(/^-?\d+(?:\.\d+)?(?:e-?\d+)?$/);
const FLAG = matching(/^(?:true|false)$/);
const HEX = matching(/^[\da-f]{16,32}$/i);
const STATUS = matching(/^\d{3}$/);

const UUID = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/i;
/** The first part of each name that the agent gives to a metric, a transaction or a span. */
const FAMILY =
  /^(?:Apdex|ApdexAll|CPU|Custom|DataUsage|Datastore|DurationByCaller|Error|ErrorEvent|Errors|ErrorsByCaller|ErrorsExpected|EventLoop|Event|External|GC|HttpDispatcher|Instance|Memory|Nodejs|OtherTransaction|OtherTransactionTotalTime|Supportability|TransportDuration|TransportDurationByCaller|Truncated|WebTransaction|WebTransactionTotalTime|WebFrontend|ROOT)(?:$|\/)/;
const NAME = /^[\w /:*().,#<>[\]-]{1,255}$/;

/** A name with placeholders, `WebTransaction/WebFrameworkUri/Fastify/GET//api/v1/users/:id`. A name that holds an id or free text is `other`. */
export const nameOf = (name: unknown): string =>
  typeof name === 'string' && FAMILY.test(name) && NAME.test(name) && !UUID.test(name) ? name : 'other';

/** Our own spans, and segments that the agent names after a function. */
const segment: Allow = (name) =>
  nameOf(name) !== 'other' || (/^(?:[\w.-]{1,64}(?:\/[\w.-]{1,64})?|<anonymous>)$/.test(name) && !UUID.test(name))
    ? name
    : 'other';

/** Attributes of transactions, spans and errors. */
export const ATTRIBUTES: ReadonlyMap<string, Allow> = new Map(
  Object.entries({
    // what it is
    type: WORD,
    category: WORD,
    component: WORD,
    'span.kind': WORD,
    name: segment,
    transactionName: (name) => nameOf(name),
    'nr.entryPoint': FLAG,
    // the trace
    traceId: HEX,
    guid: HEX,
    parentId: HEX,
    transactionId: HEX,
    trustedParentId: HEX,
    parentSpanId: HEX,
    'nr.transactionGuid': HEX,
    sampled: FLAG,
    priority: NUMBER,
    'parent.type': WORD,
    'parent.transportType': WORD,
    'parent.transportDuration': NUMBER,
    // times
    timestamp: NUMBER,
    duration: NUMBER,
    webDuration: NUMBER,
    totalTime: NUMBER,
    queueDuration: NUMBER,
    databaseDuration: NUMBER,
    databaseCallCount: NUMBER,
    externalDuration: NUMBER,
    externalCallCount: NUMBER,
    // requests
    'request.method': METHOD,
    'http.method': METHOD,
    'http.request.method': METHOD,
    'http.statusCode': STATUS,
    'response.status': STATUS,
    httpResponseCode: STATUS,
    // dependencies: from the configuration
    'db.system': WORD,
    'db.instance': WORD,
    'db.collection': WORD,
    'db.operation': WORD,
    'db.statement': (sql) => statement(sql, {}),
    'peer.hostname': WORD,
    'server.address': WORD,
    'server.port': NUMBER,
    product: WORD,
    'messaging.system': WORD,
    // errors: never the message, which may quote a value
    error: FLAG,
    'error.class': matching(/^[\w.$]{1,64}$/),
    'error.expected': FLAG,
  } satisfies Record<string, Allow>),
);
