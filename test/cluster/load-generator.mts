// Runs in a pod of the cluster, from a ConfigMap: clients that never retry send reads and orders at a constant rate. Each second it prints one JSON line
// (LoadLine). Arguments: base URL, number of keep-alive connections, requests per second. It must import nothing but node: modules.

import { randomUUID } from 'node:crypto';
import { Agent, request as call } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

/** What happened within one second. */
export type LoadLine = {
  readonly requests: number;
  /** Number of requests by latency; the key is the upper bound in milliseconds (`bucketOf`). */
  readonly latencies: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  /** Unexpected outcomes with their number, e.g. `POST /orders 503 STORE_TIMEOUT`. `, Retry-After` follows if the response had that header. */
  readonly failures: Readonly<Record<string, number>>;
  /** Ids of the orders that were acknowledged. */
  readonly orders: readonly string[];
};

type Request = {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly idempotencyKey?: string;
};
type Received = { readonly status: number; readonly text: string; readonly retryAfter: boolean };
type Account = { readonly id: string; readonly token: string };

/** A request that takes longer has hanged. Longer than any timeout of the service. */
const TIMEOUT_MS = 10_000;
const ACCOUNTS = 4;
const [base = '', connections = '16', rate = '130'] = process.argv.slice(2);

/** The upper bound of the bucket of a latency: steps of at most 10 %. */
export const bucketOf = (ms: number): number => Math.ceil(1.1 ** Math.ceil(Math.log(Math.max(1, ms)) / Math.log(1.1)));

const send = (agent: Agent, { method, path, body, idempotencyKey }: Request, token?: string): Promise<Received> => {
  const { promise, resolve, reject } = Promise.withResolvers<Received>();
  const payload = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    'content-length': Buffer.byteLength(payload),
    ...(body && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  };
  const sent = call(`${base}/api/v1${path}`, { method, headers, agent }, (response) => {
    const { statusCode: status = 0 } = response;
    text(response).then((received) => {
      resolve({ status, text: received, retryAfter: response.headers['retry-after'] !== undefined });
    }, reject);
  });
  const timer = setTimeout(() => sent.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })), TIMEOUT_MS);
  sent
    .on('error', reject)
    .on('close', () => {
      clearTimeout(timer);
    })
    .end(payload);
  return promise;
};

const parse = (json: string): Readonly<Record<string, string>> => {
  try {
    return JSON.parse(json) as Record<string, string>;
  } catch {
    return {};
  }
};

/** Retried, because the first pod may not be ready yet. */
const signUp = async (): Promise<Account> => {
  const username = `u${randomUUID().slice(0, 13)}`;
  const password = randomUUID();
  const agent = new Agent();
  const user = { username, name: 'A Customer', email: `${username}@example.com`, password };
  for (;;) {
    try {
      const registered = await send(agent, { method: 'POST', path: '/users', body: user });
      const signedIn = await send(agent, { method: 'POST', path: '/auth/login', body: { login: username, password } });
      const { id } = parse(registered.text);
      const { access_token: token } = parse(signedIn.text);
      if (id !== undefined && token !== undefined) return { id, token };
      console.error(`sign-up: ${registered.status}, ${signedIn.status}`);
    } catch (error) {
      console.error(`sign-up: ${String(error)}`);
    }
    await pause(500);
  }
};

const makeTally = () => {
  let requests = 0;
  let slowestMs = 0;
  let orders: string[] = [];
  const latencies = new Map<string, number>();
  const failures = new Map<string, number>();
  const increment = (counts: Map<string, number>, key: string): void => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  return {
    count: (ms: number, failure?: string): void => {
      requests += 1;
      slowestMs = Math.max(slowestMs, Math.round(ms));
      increment(latencies, String(bucketOf(ms)));
      if (failure !== undefined) increment(failures, failure);
    },
    addOrder: (id: string): void => {
      orders.push(id);
    },
    /** Returns what was counted since the last call. */
    take: (): LoadLine => {
      const counts = { latencies: Object.fromEntries(latencies), failures: Object.fromEntries(failures) };
      const line = { requests, slowestMs, orders, ...counts };
      [requests, slowestMs, orders] = [0, 0, []];
      latencies.clear();
      failures.clear();
      return line;
    },
  };
};

const tally = makeTally();

/** Sends one request and counts its outcome. @returns the response if it has the expected status */
const measure = async (
  agent: Agent,
  status: number,
  request: Request,
  token: string,
): Promise<Received | undefined> => {
  const name = `${request.method} ${request.path.replace(/\/[\da-f-]{36}$/, '/{id}')}`;
  const begin = performance.now();
  try {
    const received = await send(agent, request, token);
    const isExpected = received.status === status;
    const reason = `${name} ${received.status} ${parse(received.text).code ?? ''}${received.retryAfter ? ', Retry-After' : ''}`;
    tally.count(performance.now() - begin, isExpected ? undefined : reason.replace(/ $/, ''));
    return isExpected ? received : undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    tally.count(performance.now() - begin, `${name} ${code}`);
    return undefined;
  }
};

/** Three orders in ten requests; the reads alternate between the account and the last order. */
const runClient = async (agent: Agent, { id, token }: Account, periodMs: number): Promise<never> => {
  let lastOrder: string | undefined;
  for (let n = 0; ; n += 1) {
    const begin = performance.now();
    if (n % 10 < 3) {
      const order = { amountMinor: 100 + (n % 900), currency: 'EUR' };
      const request = { method: 'POST', path: '/orders', body: order, idempotencyKey: randomUUID() };
      const placed = await measure(agent, 202, request, token);
      lastOrder = placed === undefined ? lastOrder : parse(placed.text).id;
      if (placed !== undefined && lastOrder !== undefined) tally.addOrder(lastOrder);
    } else {
      const path = n % 2 === 0 && lastOrder !== undefined ? `/orders/${lastOrder}` : `/users/${id}`;
      await measure(agent, 200, { method: 'GET', path }, token);
    }
    await pause(Math.max(0, periodMs - (performance.now() - begin)));
  }
};

const accounts = await Promise.all(Array.from({ length: ACCOUNTS }, signUp));
/** A tenth of the requests use a new connection each. */
const keptAlive = Array.from({ length: Number(connections) }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
const once = Array.from({ length: Math.ceil(Number(connections) / 10) }, () => new Agent({ keepAlive: false }));
const agents = [...keptAlive, ...once];
const periodMs = (1000 * agents.length) / Number(rate);
for (const [n, agent] of agents.entries()) {
  const account = accounts.at(n % ACCOUNTS);
  if (account !== undefined) void runClient(agent, account, periodMs);
  await pause(periodMs / agents.length); // so that they do not send all at the same moment
}
setInterval(() => {
  console.log(JSON.stringify(tally.take()));
}, 1000);
