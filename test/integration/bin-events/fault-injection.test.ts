// FAULT_INJECTION from outside: what a caller gets, and the marks on log lines, spans and metrics.

import { randomUUID } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { eventually } from '../../support/eventually.ts';
import { startTraceAgent, type TraceAgent } from '../../support/trace-agent.ts';
import { registerSchemas, startProcesses } from './support/processes.ts';

type Program = Awaited<ReturnType<typeof startProcesses>>[number];
type Line = Readonly<Record<string, unknown>>;

const start = async (injection: string, roles: readonly string[], agent?: TraceAgent) => {
  const env = { FAULT_INJECTION: injection };
  const programs = await startProcesses({ ...(agent && { agentUrl: agent.url }), env }, roles);
  await Promise.all(programs.map(({ becomes }) => becomes(200)));
  return programs as [Program, ...Program[]];
};

const send = async (
  url: string,
  { body, ...init }: { method?: string; headers?: Record<string, string>; body?: object } = {},
) => {
  const response = await fetch(url, {
    ...init,
    headers: { ...init.headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
};

const signIn = async (url: string) => {
  const ann = { username: `ann-${randomUUID().slice(0, 8)}`, password: 'three quiet rivers' };
  const account = { ...ann, name: 'Ann', email: `${ann.username}@example.com` };
  const { body: user } = await send(`${url}/api/v1/users`, { method: 'POST', body: account });
  const login = { login: ann.username, password: ann.password };
  const { body } = await send(`${url}/api/v1/auth/login`, { method: 'POST', body: login });
  return { id: user.id ?? '', headers: { authorization: `Bearer ${body.access_token ?? ''}` } };
};

const linesOf = ({ output }: Program): Line[] =>
  output.stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
const lineWith = (program: Program, fields: Line): Promise<Line> =>
  eventually(() => {
    const wanted = Object.entries(fields);
    const found = linesOf(program).find((line) => {
      const values = new Map(Object.entries(line));
      return wanted.every(([name, value]) => values.get(name) === value);
    });
    if (found === undefined) throw new Error(`no line with ${JSON.stringify(fields)} in ${program.output.stdout}`);
    return found;
  });

/** The tracer sends the tag's name, then its value. */
const hasTag = (agent: TraceAgent, value: string): Promise<void> =>
  eventually(() => {
    expect(agent.spans().toString('latin1')).toMatch(new RegExp(`fault\\.injected[^a-z]${value}`)); // eslint-disable-line security/detect-non-literal-regexp -- a constant of the test
  });

describe('a process with FAULT_INJECTION', { timeout: 120_000 }, () => {
  it('injects what the header of a request asks for, into that request only', async () => {
    const agent = await startTraceAgent();
    const [api] = await start('header', ['api'], agent);
    await lineWith(api, { level: 'warn', msg: 'faults are injected into the calls of dependencies', fault: 'header' });
    const [ann, bob] = [await signIn(api.url), await signIn(api.url)];
    const read = (user: typeof ann, fault?: string) =>
      send(`${api.url}/api/v1/users/${user.id}`, {
        headers: { ...user.headers, ...(fault !== undefined && { 'x-fault-injection': fault }) },
      });

    const [failed, other] = await Promise.all([read(ann, 'postgres:error'), read(bob)]);
    expect(failed).toMatchObject({
      status: 503,
      body: { type: expect.stringMatching(/\/store-unavailable$/) as string },
    });
    expect(other.status).toBe(200);
    expect(await lineWith(api, { route: '/api/v1/users/:id', status: 503 })).toMatchObject({ fault: 'postgres:error' });
    expect(await lineWith(api, { route: '/api/v1/users/:id', status: 200 })).not.toHaveProperty('fault');
    await hasTag(agent, 'postgres:error');

    const hanging = await read(ann, 'redis:error,postgres:hang');
    expect(hanging).toMatchObject({ status: 503, body: { type: expect.stringMatching(/\/store-timeout$/) as string } });
    await lineWith(api, { status: 503, fault: 'postgres:hang,redis:error' });
    expect((await read(ann)).status, 'without a header').toBe(200);
    const counted = (await api.metrics())
      .split('\n')
      .filter((line) => /^faults_injected_total\{.* [1-9]\d*$/.test(line));
    expect(counted.toSorted((a, b) => a.localeCompare(b))).toEqual([
      expect.stringMatching(/dependency="postgres",kind="error".* 1$/),
      expect.stringMatching(/dependency="postgres",kind="hang".* 1$/),
      expect.stringMatching(/dependency="redis",kind="error".* 1$/),
    ]);

    const refused = await read(ann, 'hunter2');
    expect(refused).toMatchObject({
      status: 400,
      body: { type: expect.stringMatching(/\/header-invalid$/) as string },
    });
    expect(JSON.stringify([refused, api.output])).not.toContain('hunter2');
    agent.close();
  });

  it('ignores the header unless the setting allows it', async () => {
    const [api] = await start('redis:latency=1@100%', ['api']);
    const ann = await signIn(api.url);
    const read = await send(`${api.url}/api/v1/users/${ann.id}`, {
      headers: { ...ann.headers, 'x-fault-injection': 'postgres:error' },
    });
    expect(read.status).toBe(200);
    await lineWith(api, { route: '/api/v1/users/:id', fault: 'redis:latency' });
    expect(api.output.stdout).not.toContain('postgres:error');
  });

  it('marks a slow payment on the line and the span of its event', async () => {
    await registerSchemas();
    const agent = await startTraceAgent();
    const [api, , worker] = await start('payments:latency=50@100%,header', ['api', 'relay', 'worker'], agent);
    if (worker === undefined) throw new Error('not started');
    const { headers } = await signIn(api.url);
    const order = { amountMinor: 1999, currency: 'EUR' };
    const { body } = await send(`${api.url}/api/v1/orders`, { method: 'POST', headers, body: order });
    const line = await lineWith(worker, { orderId: body.id, msg: 'order confirmed' });
    expect(line).toMatchObject({ fault: 'payments:latency' });
    await hasTag(agent, 'payments:latency');
    agent.close();
  });
});
