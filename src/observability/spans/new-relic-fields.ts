// The allow-list for New Relic, as span-fields.ts is that for spans of dd-trace: New Relic's names for the same facts. What is not listed
// here leaves no process. Do not add a URL, address, user agent, command, message or body.

import { FAULTS, matching, METHOD, statement, WORD, type Allow } from './span-fields.ts';

/** Ids, times and flags of the agent's own events: never text from a caller. */
const NUMBER = matching(/^-?[\d.e-]{1,32}$/);
const FLAG = matching(/^(?:true|false)$/);
const HEX = matching(/^[\da-f]{16,32}$/i);
const STATUS = matching(/^\d{3}$/);

const UUID = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/i;
/** The first parts of the names that the agent gives to metrics, transactions and spans. */
const FAMILIES = new Set(
  [
    ['Apdex', 'ApdexAll', 'CPU', 'Custom', 'DataUsage', 'Datastore', 'DurationByCaller', 'Errors', 'ErrorsByCaller'],
    ['ErrorsExpected', 'EventLoop', 'External', 'GC', 'HttpDispatcher', 'Memory', 'Nodejs', 'OtherTransaction'],
    ['OtherTransactionTotalTime', 'ROOT', 'Supportability', 'TransportDuration', 'Truncated', 'WebFrontend'],
    ['WebTransaction', 'WebTransactionTotalTime'],
  ].flat(),
);
const isOfFamily = (name: string): boolean => FAMILIES.has(name.split('/', 1).join());
const NAME = /^[\w /:*().,#<>[\]-]{1,255}$/;

/** A name with placeholders, `WebTransaction/WebFrameworkUri/Fastify/GET//api/v1/users/:id`. A name that holds an id or free text is `other`. */
export const nameOf = (name: unknown): string => {
  if (typeof name !== 'string' || !isOfFamily(name) || !NAME.test(name) || UUID.test(name)) return 'other';
  return name.startsWith('External/') ? name.split('/', 2).join('/') : name; // behind the host is the path of a URL
};

/** `outbox.publish/user-events` */
const OWN_NAME = /^(?:(?:outbox\.publish|event\.consume)\/[\w.-]{1,64}|\w{1,64}|<anonymous>)$/;

/** Our own spans, and segments that the agent names after a function. */
const segment: Allow = (name) => (OWN_NAME.test(name) && !UUID.test(name) ? name : nameOf(name));

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
    'feature_flag.key': WORD,
    'feature_flag.result.variant': WORD,
    'feature_flag.result.reason': WORD,
    // drills
    'fault.injected': FAULTS,
    // errors: never the message, which may quote a value
    error: FLAG,
    'error.class': matching(/^[\w.$]{1,64}$/),
    'error.expected': FLAG,
  } satisfies Record<string, Allow>),
);
