// Runs in a pod: eight connections, 50 requests per second (below the limit of one address), one of five places an order. Prints a line every five seconds.
// Exits with 1 when a request failed or an order stayed undecided.

import { setTimeout as pause } from 'node:timers/promises';

const { BASE_URL: base = '', LOGIN: login = '', PASSWORD: password = '', SECONDS: seconds = '30' } = process.env; // eslint-disable-line n/no-process-env -- runs alone
const CONNECTIONS = 8;
const PER_SECOND = 50;
const REPORT_MS = 5000;
const DECIDED_WITHIN_MS = 60_000;

let token = '';
let samples: number[] = [];
const total = { requests: 0, failed: 0, slowestMs: 0 };
const failures = new Map<string, number>();
const orders: string[] = [];

const call = (path: string, body?: object): Promise<Response> =>
  fetch(`${base}${path}`, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    signal: AbortSignal.timeout(10_000),
  });

const logIn = async (): Promise<string> => {
  const response = await call('/auth/login', { login, password });
  if (!response.ok) throw new Error(`login failed: ${response.status} ${await response.text()}`);
  ({ access_token: token } = (await response.json()) as { access_token: string });
  const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return (JSON.parse(claims) as { sub: string }).sub;
};

const describeError = (error: unknown): string => {
  const { name, cause } = error as Error & { cause?: { code?: string } };
  return cause?.code ?? name;
};

const send = async (path: string, body?: object): Promise<string> => {
  const response = await call(path, body);
  const text = await response.text();
  if (!response.ok) return `status ${response.status}`;
  if (body) orders.push((JSON.parse(text) as { id: string }).id);
  return '';
};

const measure = async (path: string, body?: object): Promise<void> => {
  const start = performance.now();
  const failure = await send(path, body).catch(describeError);
  const ms = performance.now() - start;
  samples.push(ms);
  total.requests += 1;
  total.slowestMs = Math.max(total.slowestMs, ms);
  if (failure === '') return;
  total.failed += 1;
  failures.set(failure, (failures.get(failure) ?? 0) + 1);
};

const start = performance.now();
const elapsedMs = (): number => performance.now() - start;

const report = (): void => {
  const sorted = samples.toSorted((a, b) => a - b);
  const p99 = sorted.at(Math.floor(sorted.length * 0.99)) ?? sorted.at(-1) ?? 0;
  const at = `${String(Math.round(elapsedMs() / 1000)).padStart(4)} s`;
  console.log(`${at}  ${sorted.length} requests  ${total.failed} failed so far  p99 ${Math.round(p99)} ms`);
  samples = [];
};

const userId = await logIn();
const endMs = Number(seconds) * 1000;
console.log(`${PER_SECOND} requests/s over ${CONNECTIONS} connections for ${seconds} s: reads and orders`);
const reporting = setInterval(report, REPORT_MS);
let next = 0;
const connection = async (): Promise<void> => {
  for (;;) {
    const turn = next++;
    const dueMs = (turn * 1000) / PER_SECOND;
    if (dueMs >= endMs || elapsedMs() >= endMs) return;
    await pause(Math.max(0, dueMs - elapsedMs()));
    await (turn % 5 === 0 ? measure('/orders', { amountMinor: 1999, currency: 'EUR' }) : measure(`/users/${userId}`));
  }
};
await Promise.all(Array.from({ length: CONNECTIONS }, connection));
clearInterval(reporting);
report();

const isDecided = async (id: string): Promise<boolean> => {
  const response = await call(`/orders/${id}`).catch(() => undefined);
  return response?.ok === true && ((await response.json()) as { status: string }).status !== 'placed';
};
let undecided = orders;
const deadline = performance.now() + DECIDED_WITHIN_MS;
while (undecided.length > 0 && performance.now() < deadline) {
  const rest: string[] = [];
  for (const id of undecided) if (!(await isDecided(id))) rest.push(id);
  if (rest.length > 0) await pause(500);
  undecided = rest;
}
const kinds = [...failures].map(([kind, count]) => `${count} × ${kind}`).join(', ');
const why = kinds === '' ? '' : ` (${kinds})`;
console.log(`${total.requests} requests, ${total.failed} failed${why}, slowest ${Math.round(total.slowestMs)} ms`);
console.log(`${orders.length} orders placed, ${orders.length - undecided.length} decided`);
process.exit(total.failed === 0 && undecided.length === 0 ? 0 : 1);
