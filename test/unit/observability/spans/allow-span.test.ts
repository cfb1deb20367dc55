import { describe, expect, it } from 'vitest';
import { makeAllowSpan, type SpanContent } from '../../../../src/observability/spans/allow-span.ts';

const allow = makeAllowSpan({ service: 'user-service', constants: { team: 'blue' } });
const SPAN: SpanContent = {
  name: 'fastify.request',
  resource: 'x',
  service: 'user-service',
  type: 'web',
  meta: {},
  metrics: {},
};
const withMeta = (meta: Record<string, unknown>) => allow({ ...SPAN, meta });

describe('makeAllowSpan', () => {
  it('keeps what a request span is searched by: route, status, trace and sampling', () => {
    const meta = {
      'http.method': 'PATCH',
      'http.route': '/api/v1/users/:id',
      'http.status_code': '409',
      'span.kind': 'server',
      '_dd.p.tid': '6b07e24300000000',
    };
    const metrics = { _sampling_priority_v1: 1, '_dd.top_level': 1 };
    expect(allow({ ...SPAN, meta, metrics })).toEqual({
      ...SPAN,
      resource: 'PATCH /api/v1/users/:id',
      meta,
      metrics,
    });
  });

  it('drops addresses, URLs, user agents, commands, origin, baggage and tags of foreign traces', () => {
    const { meta, metrics } = allow({
      ...SPAN,
      meta: {
        'http.url': 'https://x/users/1?cursor=abc',
        'http.useragent': 'x',
        'http.client_ip': '203.0.113.7',
        'network.client.ip': '203.0.113.7',
        'redis.raw_command': 'SET a b',
        '_dd.origin': 'x',
        '_dd.p.usr.id': 'x',
        'baggage.user.id': 'x',
        'usr.id': 'x',
      },
      metrics: { 'appsec.count': 1, '_dd.measured': Buffer.from('x') },
    });
    expect({ meta, metrics }).toEqual({ meta: {}, metrics: {} });
  });

  it('sends a span of an unknown plugin without its name, resource, type and tags', () => {
    expect(
      allow({
        name: 'smtp.send',
        resource: 'to ann',
        service: 'ann',
        type: 'mail',
        meta: { to: 'x' },
        metrics: { n: 1 },
      }),
    ).toEqual({ name: 'other', resource: 'other', service: 'user-service', type: undefined, meta: {}, metrics: {} });
  });

  it.each([
    ["SELECT id FROM users WHERE id = $1 AND a = 'Ann''s'", 'SELECT id FROM users WHERE id = $1 AND a = ??'],
    ["SELECT E'it\\'s Ann', $tag$Ann$tag$, 42", 'SELECT ?, ?, ?'],
    ["SELECT 'cut off by the tra", 'SELECT ?'],
  ])('names a query by its statement without literals: %s', (resource, expected) => {
    expect(allow({ ...SPAN, name: 'pg.query', resource }).resource).toBe(expected);
  });

  it.each([
    ['redis.command', 'evalsha', 'evalsha'],
    ['redis.command', 'SET user:1 {"name":"Ann"}', 'redis.command'],
    ['dns.lookup', 'ann.example.com', 'dns.lookup'],
    ['event.consume', 'user-service.orders.v1', 'user-service.orders.v1'],
  ])('names a %s with resource %s', (name, resource, expected) => {
    expect(allow({ ...SPAN, name, resource }).resource).toBe(expected);
  });

  it('keeps the type and the frames of an error, never its message', () => {
    const { stack = '', message } = new Error('Key (email)=(ann@example.com)\n    at ann (file:///x.js:1:2)');
    const { meta } = withMeta({ 'error.type': 'DatabaseError', 'error.message': message, 'error.stack': stack });
    expect(Object.keys(meta)).toEqual(['error.type', 'error.stack']);
    expect(meta['error.stack']).toMatch(/^DatabaseError\n\s+at .*allow-span\.test\.ts/);
    expect(JSON.stringify(meta)).not.toContain('ann');
  });

  it('keeps ids and reason of a link, not its state', () => {
    const link = { trace_id: '1'.repeat(32), span_id: '2'.repeat(16), attributes: { reason: 'untrusted_caller' } };
    const foreign = { ...link, tracestate: 'dd=o:evil', attributes: { ...link.attributes, user: 'ann' } };
    const other = { ...link, attributes: { reason: 'ann' } };
    const { meta } = withMeta({ '_dd.span_links': JSON.stringify([foreign, other, { trace_id: 'ann' }]) });
    expect(JSON.parse(meta['_dd.span_links'] ?? '')).toEqual([link]);
    expect(withMeta({ '_dd.span_links': '[{"trace_id":"1...' }).meta).toEqual({ '_dd.span_links': '[]' });
  });

  it('keeps a tag of the configuration with exactly its value', () => {
    expect(withMeta({ team: 'blue' }).meta).toEqual({ team: 'blue' });
    expect(withMeta({ team: 'ann' }).meta).toEqual({});
  });

  it('keeps the names of dependencies as services', () => {
    const serviceOf = (service: string | undefined) => allow({ ...SPAN, service }).service;
    expect(['user-service-redis', 'user-service-ann', undefined].map(serviceOf)).toEqual([
      'user-service-redis',
      'user-service',
      'user-service',
    ]);
  });
});
