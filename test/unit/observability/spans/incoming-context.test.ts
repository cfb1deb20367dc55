// A real process with the preload serves requests of a stranger, and of a caller whose network it trusts, in every format of trace context.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startTraceAgent } from '../../../support/trace-agent.ts';

const root = join(import.meta.dirname, '../../../..');
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const [LOWER_DECIMAL, SPAN_DECIMAL] = [TRACE.slice(16), SPAN].map((hex) => String(BigInt(`0x${hex}`)));
const LINK = `{"trace_id":"${TRACE}","span_id":"${SPAN}","attributes":{"reason":"untrusted_caller"}}`;
const LINK_64 = LINK.replace(TRACE, TRACE.slice(16).padStart(32, '0'));

const DATADOG = {
  'x-datadog-trace-id': LOWER_DECIMAL ?? '',
  'x-datadog-parent-id': SPAN_DECIMAL ?? '',
  'x-datadog-sampling-priority': '-1',
  'x-datadog-origin': 'c4n4ry-origin',
  'x-datadog-tags': '_dd.p.usr.id=c4n4ry-tag',
};
const W3C = {
  traceparent: `00-${TRACE}-${SPAN}-00`,
  tracestate: 'dd=s:-1;o:c4n4ry-origin;t.usr.id:c4n4ry-tag',
};
const BAGGAGE = { baggage: 'user.id=c4n4ry-baggage', 'ot-baggage-user': 'c4n4ry-baggage' };

/** Serves one request that calls a dependency, and prints what the request sees and the dependency gets. */
const PROGRAM = `
  import { createServer } from 'node:http';
  import { once } from 'node:events';
  import { currentTrace, currentTraceparent, flushTraces, trustCallers } from '${root}/src/observability/trace-context.ts';
  trustCallers(JSON.parse(process.env.TRUSTED));
  let seen;
  const server = createServer(async (request, response) => {
    seen = { traceId: currentTrace()?.traceId, traceparent: currentTraceparent() };
    await fetch(process.env.DEPENDENCY);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  console.log('http://127.0.0.1:' + server.address().port);
  process.once('SIGTERM', async () => {
    await flushTraces();
    console.log(JSON.stringify(seen));
    process.exit(0);
  });
`;

type Report = { traceId: string; traceparent: string; passedOn: string; spans: string };

const serve = async (headers: Record<string, string>, trusted: readonly string[] = []): Promise<Report> => {
  let passedOn = '';
  const dependency = createServer((request, response) => {
    passedOn = JSON.stringify(request.headers);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(dependency, 'listening');
  const agent = await startTraceAgent();
  const preload = join(root, 'src/observability/tracer.ts');
  const child = spawn(process.execPath, ['--import', preload, '--input-type=module', '--eval', PROGRAM], {
    cwd: root,
    env: {
      DD_TRACE_AGENT_URL: agent.url,
      DD_TRACE_PROPAGATION_STYLE_EXTRACT: 'datadog,tracecontext,b3,b3multi,baggage',
      DD_TRACE_BAGGAGE_TAG_KEYS: '*',
      DEPENDENCY: `http://127.0.0.1:${(dependency.address() as AddressInfo).port}`,
      TRUSTED: JSON.stringify(trusted),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
  await fetch(output.trim(), { headers: { ...headers, connection: 'close' } });
  child.kill('SIGTERM');
  await once(child, 'close');
  agent.close();
  dependency.close();
  dependency.closeAllConnections();
  const seen = JSON.parse(output.split('\n').at(1) ?? '') as Pick<Report, 'traceId' | 'traceparent'>;
  return { ...seen, passedOn, spans: agent.spans().toString('latin1') };
};

const FORMATS: [string, Record<string, string>, string | undefined][] = [
  ['Datadog', DATADOG, LINK_64],
  ['W3C', W3C, LINK],
  ['W3C and Datadog together', { ...DATADOG, ...W3C }, LINK],
  ['B3 in one header', { b3: `${TRACE}-${SPAN}-d` }, LINK],
  ['B3 in several headers', { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN, 'x-b3-flags': '1' }, undefined],
  ['B3 with a sampling decision only', { b3: '0' }, undefined],
  ['Elastic Beanstalk', { 'x-aws-sqsd-attr-_datadog': JSON.stringify(DATADOG) }, undefined],
  ['W3C, malformed', { traceparent: `00-${TRACE}-c4n4ry-01`, tracestate: W3C.tracestate }, undefined],
];

describe('the trace context of a stranger', { timeout: 20_000 }, () => {
  it.each(FORMATS)('starts a new, sampled trace with a link: %s', async (_, headers, link) => {
    const { traceId, traceparent, passedOn, spans } = await serve({ ...headers, ...BAGGAGE });
    expect(traceId).toMatch(/^[\da-f]{32}$/);
    expect(traceId.slice(16)).not.toBe(TRACE.slice(16));
    expect(traceparent).toBe(`00-${traceId}-${traceparent.slice(36, 52)}-01`);
    expect(passedOn).toContain(`traceparent":"00-${traceId}-`);
    for (const text of [traceparent, passedOn, spans]) expect(text).not.toContain('c4n4ry');
    expect(passedOn).not.toContain(TRACE);
    if (link === undefined) expect(spans).not.toContain('_dd.span_links');
    else expect(spans).toContain(`[${link}]`);
  });
});

describe('the trace context of a trusted caller', { timeout: 20_000 }, () => {
  it.each([
    ['W3C', { ...W3C, traceparent: `00-${TRACE}-${SPAN}-01` }],
    [
      'Datadog',
      { ...DATADOG, 'x-datadog-tags': `_dd.p.tid=${TRACE.slice(0, 16)}`, 'x-datadog-sampling-priority': '1' },
    ],
  ])('is continued, without its baggage: %s', async (_, headers) => {
    const { traceId, passedOn, spans } = await serve({ ...headers, ...BAGGAGE }, ['192.0.2.1', '127.0.0.0/8']);
    expect(traceId).toBe(TRACE);
    expect(passedOn).not.toContain('c4n4ry-baggage');
    expect(spans).not.toContain('c4n4ry');
    expect(spans).not.toContain('_dd.span_links');
  });

  it('is not continued from another network', async () => {
    expect((await serve(W3C, ['192.0.2.0/24'])).traceId).not.toBe(TRACE);
  });
});
