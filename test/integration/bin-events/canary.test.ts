// Every channel that leaves the processes, searched for what a user typed or received: logs, spans, metrics and the headers of dead letters.

import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { EVENT_TOPICS } from '../../../src/messaging/event-topics.ts';
import { eventually } from '../../support/eventually.ts';
import { startTraceAgent } from '../../support/trace-agent.ts';
import { publishAll, readAll } from '../kafka/arrange.ts';
import { adminUrl, registerSchemas, startProcesses } from './support/processes.ts';

const unique = randomUUID().slice(0, 8);
const PERSON = {
  username: `zerlina-${unique}`,
  name: 'Ottilie Quendelbach',
  email: `mailbox-${unique}@quendelbach.example`,
  password: 'seven violet harbours',
};
const PROBE = { login: `stranger-${unique}`, password: 'eleven copper lanterns' };
/** Documentation range of RFC 5737. */
const [ADDRESS, ADDRESS_6] = ['203.0.113.77', '2001:db8:7:7::1'];
const AGENT = `agent-${unique}`;
const RENAMED = 'Zoraida';
const CURSOR = `cursor-${unique}`;
const BAGGAGE = `baggage-${unique}`;
const POISON = `poison-${unique}`;

const sha256 = (text: string) => createHash('sha256').update(text).digest();
/** The forms in which a login name is stored or counted. */
const digests = (text: string): string[] =>
  (['base64url', 'base64', 'hex'] as const).map((encoding) => sha256(text).toString(encoding));

type Answer = { status: number; body: Record<string, string> };

const makeCaller = (url: string) => {
  const call = async (method: string, path: string, body?: object | string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        'x-forwarded-for': ADDRESS,
        'user-agent': AGENT,
        baggage: `user=${BAGGAGE}`,
        'x-datadog-trace-id': '1234567890',
        'x-datadog-parent-id': '987',
        'x-datadog-origin': BAGGAGE,
        'x-datadog-tags': `_dd.p.usr.id=${BAGGAGE}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Answer['body'] };
  };
  return call;
};

/** A row that breaks a rule of the database: the error of the driver quotes all its values. */
const breakProfileChanges = async (): Promise<void> => {
  const client = new pg.Client(adminUrl());
  await client.connect();
  await client.query(`
    CREATE FUNCTION quote_row() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'the row is %', NEW USING DETAIL = NEW::text, HINT = NEW::text; END $$;
    CREATE TRIGGER quote_row BEFORE UPDATE ON users FOR EACH ROW WHEN (NEW.name LIKE 'Ottilie%') EXECUTE FUNCTION quote_row()`);
  await client.end();
};

/** Registers, signs in, reads, changes, orders, fails in every way, signs out and erases. @returns the secrets that were issued */
const liveALife = async (url: string, untilDecided: () => Promise<void>): Promise<string[]> => {
  const call = makeCaller(url);
  const { login, password } = PROBE;
  const bearer = (token: string | undefined) => ({ authorization: `Bearer ${token ?? ''}` });
  const signIn = { login: PERSON.email, password: PERSON.password };
  const statuses: number[] = [];
  const note = async (answer: Promise<Answer>): Promise<Answer['body']> => {
    const { status, body } = await answer;
    statuses.push(status);
    return body;
  };

  const key = { 'idempotency-key': `key-${unique}` };
  const { id = '' } = await note(call('POST', '/users', PERSON, key));
  await note(call('POST', '/users', PERSON));
  await note(call('POST', '/users', { ...PERSON, email: `not an address ${unique}` }));
  await note(call('POST', '/users', `{"email":"${PERSON.email}"`));
  await note(call('POST', '/auth/login', PROBE));
  await note(call('POST', '/auth/login', PROBE, { 'x-forwarded-for': ADDRESS_6 }));
  await note(call('POST', '/auth/login', { ...signIn, password }));
  const first = await note(call('POST', '/auth/login', signIn));
  const second = await note(call('POST', '/auth/refresh', { refresh_token: first.refresh_token }));
  await note(call('GET', `/users/${id}`, undefined, bearer(second.access_token)));
  await note(call('GET', `/users/${login}?cursor=${CURSOR}`, undefined, bearer(second.access_token)));
  await note(call('GET', `/orders?cursor=${CURSOR}`, undefined, bearer(second.access_token)));
  await note(call('GET', `/nothing/${PERSON.username}?token=${CURSOR}`));
  const ifMatch = { ...bearer(second.access_token), 'if-match': '"1"' };
  await note(call('PATCH', `/users/${id}`, { name: 'Ottilie Quendelbach II' }, ifMatch));
  await note(call('PATCH', `/users/${id}`, { name: RENAMED }, ifMatch));
  await note(
    call('POST', '/orders', { amountMinor: 1999, currency: 'EUR' }, { ...bearer(second.access_token), ...key }),
  );
  await untilDecided(); // or the worker may find no order: its user is erased below
  const third = await note(call('POST', '/auth/login', signIn));
  await note(call('POST', '/auth/logout', { refresh_token: third.refresh_token }, bearer(third.access_token)));
  await note(call('POST', '/auth/refresh', { refresh_token: first.refresh_token })); // used twice
  const last = await note(call('POST', '/auth/login', signIn));
  const { password: right } = PERSON;
  const stepUp = await note(call('POST', '/auth/reauthenticate', { password: right }, bearer(last.access_token)));
  await note(call('DELETE', `/users/${id}`, undefined, bearer(stepUp.access_token)));

  const [ok, bad, unknown] = [200, 400, 404];
  const registered = [201, 409, bad, bad];
  const signedIn = [401, 401, 401, ok, ok];
  const read = [ok, bad, bad, unknown];
  const changed = [500, ok, 202];
  expect(statuses).toEqual([...registered, ...signedIn, ...read, ...changed, ok, 204, 401, ok, ok, 204]);

  const issued = [first, second, third, last, stepUp].flatMap((tokens) => [tokens.access_token, tokens.refresh_token]);
  const sessions = [first, third, last].map((tokens) => tokens.refresh_token?.split('.').at(0));
  return [...issued, ...sessions].filter((secret) => secret !== undefined);
};

/** Channels of the tracer that are off by default. */
const withEverything = (profiles: string) => ({
  DD_DATA_STREAMS_ENABLED: 'true',
  DD_PROFILING_ENABLED: 'true',
  DD_PROFILING_EXPORTERS: 'file',
  DD_PROFILING_PPROF_PREFIX: join(profiles, 'profile-'),
  DD_PROFILING_UPLOAD_PERIOD: '2',
});

/** @param folder the pprof files in it are compressed, the descriptions of profiles are not */
const readProfiles = (folder: string): Buffer =>
  Buffer.concat(
    readdirSync(folder).map((name) => {
      const bytes = readFileSync(join(folder, name));
      return name.endsWith('.pprof') ? zstdDecompressSync(bytes) : bytes;
    }),
  );

/** Names of the canaries that a channel holds. */
const findIn = (channel: Buffer | string, canaries: Record<string, readonly string[]>): string[] => {
  const bytes = Buffer.from(channel);
  return Object.entries(canaries)
    .filter(([, texts]) => texts.some((text) => bytes.includes(text)))
    .map(([name]) => name);
};

describe('what a user typed or received', { timeout: 90_000 }, () => {
  it('is in no log line, span, profile, metric or header of a dead letter of any process', async () => {
    await registerSchemas();
    await breakProfileChanges();
    const agent = await startTraceAgent({ kept: Infinity });
    const folder = mkdtempSync(join(tmpdir(), 'canary-'));
    const env = { HTTP_TRUST_PROXY: '127.0.0.1', LOG_LEVEL: 'debug', HTTP_STRICT_LIMIT_PER_MINUTE: '1000' };
    // the file exporter of profiles writes into the working directory, too
    const traced = { agentUrl: agent.url, cwd: folder, env: { ...env, ...withEverything(folder) } };
    const processes = await startProcesses(traced, ['api', 'relay', 'worker']);
    const [api, , worker] = processes;
    if (!api || !worker) throw new Error('not started');
    await Promise.all(processes.map((process) => process.becomes(200, 40_000)));

    const secrets = await liveALife(api.url, () =>
      eventually(
        async () => {
          expect(await worker.metrics()).toMatch(/^orders_decided_total\{.*\} 1$/m);
        },
        { deadlineMs: 20_000 },
      ),
    );
    const dead = { key: Buffer.from(POISON), value: Buffer.from(JSON.stringify(PERSON)), headers: [] };
    await publishAll(EVENT_TOPICS.OrderPlaced, [dead]);
    await eventually(
      async () => {
        expect(await worker.metrics()).toMatch(/^events_consumed_total\{.*result="dead-lettered".*\} [1-9]/m);
        expect(agent.pathways()).toContain('direction:in'); // sent every two seconds
      },
      { deadlineMs: 20_000 },
    );
    const metrics = (await Promise.all(processes.map((process) => process.metrics()))).join('');
    for (const process of processes) {
      process.kill('SIGTERM');
      expect(await process.exited).toBe(0);
    }
    const letters = (await readAll(`${EVENT_TOPICS.OrderPlaced}.dlq`)).filter(({ key }) => key?.toString() === POISON);
    agent.close();

    const canaries = {
      person: [...Object.values(PERSON), RENAMED],
      probe: Object.values(PROBE),
      digest: [PERSON.email, PERSON.username, PROBE.login].flatMap(digests),
      'token or session': secrets,
      cursor: [CURSOR],
      'user agent': [AGENT],
      'foreign context': [BAGGAGE, '1234567890'],
      'dead letter': [POISON],
    };
    const address = { address: [ADDRESS, ADDRESS_6, '2001:db8:7:7'] };
    const logs = processes.map(({ output }) => output.stdout + output.stderr).join('');
    const spans = agent.spans();
    for (const name of ['fastify.request', 'redis.command', 'pg.query', 'outbox.publish', 'event.consume'])
      expect(spans.includes(name), name).toBe(true);
    const lines = logs.split('\n').filter((line) => line.startsWith('{'));
    const withAddress = lines
      .map((line) => JSON.parse(line) as Record<string, string | number>)
      .filter(({ address }) => address);
    // a subscriber owns the /64 of an IPv6 address
    const whose = (address: unknown) => String(address).replace(/^2001:db8:7:7(?=$|:).*/, 'network');
    const reasons = withAddress.map(({ msg, event, status, address }) =>
      [msg ?? event, status, whose(address)].filter((part) => part !== undefined).join(' '),
    );
    expect(new Set(reasons)).toEqual(
      new Set([
        ...[ADDRESS, 'network'].flatMap((who) => [`sign-in refused ${who}`, `request completed 401 ${who}`]),
        `refresh token used twice, session ended ${ADDRESS}`,
        // of the audit log
        ...[ADDRESS, 'network'].map((who) => `authn_login_fail ${who}`),
        `authn_token_reuse ${ADDRESS}`,
      ]),
    );
    const others = lines.filter((line) => !line.includes('"address":')).join('');
    expect(letters.length).toBeGreaterThan(0);
    const profiles = readProfiles(folder);
    expect(profiles.includes('fastify')).toBe(true);
    expect({
      logs: [...findIn(logs, canaries), ...findIn(others, address)],
      spans: findIn(spans, { ...canaries, ...address, tag: ['raw_command', 'http.url', 'client_ip', 'error.message'] }),
      profiles: findIn(profiles, { ...canaries, ...address }),
      pathways: findIn(agent.pathways(), { ...canaries, ...address }),
      metrics: findIn(metrics, { ...canaries, ...address }),
      'dead letters': letters.flatMap(({ headers }) =>
        findIn(headers.map(({ name, value }) => `${name.toString()}=${value?.toString() ?? ''}`).join(), {
          ...canaries,
          ...address,
        }),
      ),
    }).toEqual({ logs: [], spans: [], profiles: [], pathways: [], metrics: [], 'dead letters': [] });
    // the second has counts of the tracer itself
    const channels = new Set(['/v0.4/traces', '/dogstatsd/v2/proxy', '/v0.1/pipeline_stats']);
    expect(agent.paths().filter((path) => !channels.has(path))).toEqual([]);
  });
});
