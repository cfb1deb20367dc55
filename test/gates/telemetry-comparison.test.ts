// The comparison of test/telemetry/ finds each kind of difference between what a process emits and the contract.

import { describe, expect, it } from 'vitest';
import { parseContract } from '../../scripts/telemetry/contract.ts';
import { parseExposition } from '../../scripts/telemetry/exposition.ts';
import { logFaults, metricFaults, privacyFaults, spanFaults, toLogLines } from '../telemetry/support/compare.ts';
import type { Span } from '../telemetry/support/span-agent.ts';

const contract = parseContract(`
series_per_process: 6
identity: [service, env, version]
routes: [/users]
metrics:
  - { name: users_total, type: counter, processes: [api], labels: { result: [made, refused] }, budget: 2 }
  - { name: seconds, type: histogram, processes: [api], labels: { route: { from: routes } }, budget: 3 }
  - { name: rare, type: gauge, processes: [api], budget: 1, when: only when something fails }
log_fields:
  - { name: msg, processes: [api] }
  - { name: userId, processes: [api] }
  - { name: dd.service, processes: [api] }
  - { name: dd.env, processes: [api] }
  - { name: dd.version, processes: [api] }
spans:
  - { name: request, processes: [api] }
span_attributes:
  - { name: env, processes: [api] }
  - { name: version, processes: [api] }
  - { name: db.name, processes: [api] }
`);

const identity = { service: 'user-service', env: 'test', version: '1' };
const side = { contract, process: 'api', identity } as const;

const ID = 'service="user-service",env="test",version="1"';
const METRICS = `# TYPE users counter
users_total{result="made",${ID}} 1
# TYPE seconds histogram
seconds_bucket{le="+Inf",${ID},route="/users"} 1 # {trace_id="a"} 0.2 1
seconds_sum{${ID},route="/users"} 0.2
seconds_count{${ID},route="/users"} 1
# TYPE rare gauge
# EOF
`;
const LINE = '{"dd.service":"user-service","dd.env":"test","dd.version":"1","userId":"u","msg":"made"}\n';
const SPAN: Span = {
  name: 'request',
  resource: 'GET /users',
  service: 'user-service',
  traceId: '1',
  spanId: '1',
  parentId: '0',
  meta: { env: 'test', version: '1', 'db.name': 'users' },
  metrics: {},
};

const ofMetrics = (text: string) => metricFaults(side, parseExposition(text));
const ofLines = (text: string) => logFaults(side, toLogLines(text));

describe('the comparison of telemetry', () => {
  it('has nothing to say about what is as documented', () => {
    expect([...ofMetrics(METRICS), ...ofLines(LINE), ...spanFaults(side, [SPAN])]).toEqual([]);
  });

  it.each([
    [
      'an extra label',
      'result="made"',
      'result="made",user="u1"',
      'api: metric users_total has the label user, which is not documented',
    ],
    [
      'a value of a label',
      'result="made"',
      'result="lost"',
      'api: metric users_total has result="lost", which is not documented',
    ],
    ['a missing label', 'result="made",', '', 'api: metric users_total has a series without result'],
    [
      'a path as route',
      'route="/users"',
      'route="/users/1"',
      'api: metric seconds has route="/users/1", which is not documented',
    ],
    ['an undocumented metric', '# EOF', `# TYPE more gauge\nmore{${ID}} 1`, 'api: metric more is not documented'],
    [
      'a metric that vanished',
      /# TYPE users[^]*?(?=# TYPE seconds)/,
      '',
      'api: metric users_total is documented and not emitted',
    ],
    ['another type', 'users counter', 'users_total gauge', 'api: metric users_total is a gauge, documented as counter'],
    ['another version', 'version="1"', 'version="2"', 'api: metric users_total: a series has not version=1'],
    [
      'more series than its budget',
      '# TYPE seconds',
      `users_total{result="refused",${ID}} 1\nusers_total{result="made",${ID}} 1\n# TYPE seconds`,
      'api: metric users_total has 3 series, budget 2',
    ],
    [
      'more series than that of the process',
      '# TYPE rare gauge',
      `# TYPE rare gauge\nrare{${ID}} 1\nrare{${ID}} 1\nrare{${ID}} 1`,
      'api: 7 series, budget 6',
    ],
  ])('finds %s', (_name, from, to, fault) => {
    expect(ofMetrics(METRICS.replace(from, to))).toContain(fault);
  });

  it('finds a renamed log field in both directions, and a line without identity', () => {
    expect(ofLines(LINE.replace('userId', 'userid'))).toEqual([
      'api: log field userid is not documented',
      'api: log field userId is documented and not emitted',
    ]);
    expect(ofLines(`${LINE}{"msg":"x"}\n`)).toContain('api: a log line has not dd.service=user-service');
  });

  it('finds spans and attributes in both directions', () => {
    expect(spanFaults(side, [SPAN, { ...SPAN, name: 'other', meta: { ...SPAN.meta, 'http.url': '/' } }])).toEqual([
      'api: span other is not documented',
      'api: span attribute http.url is not documented',
    ]);
    expect(spanFaults(side, [{ ...SPAN, meta: { env: 'test', version: '1' } }])).toEqual([
      'api: span attribute db.name is documented and not emitted',
    ]);
    expect(spanFaults(side, [{ ...SPAN, service: 'another', meta: { ...SPAN.meta, env: 'x' } }])).toEqual([
      'api: span request has not env=test',
      'api: span request has the service another',
    ]);
  });

  it('finds the name of a user in a span', () => {
    const spans = [{ ...SPAN, meta: { ...SPAN.meta, 'db.name': 'hello Ann Quux' } }];
    expect(privacyFaults('api', 'a span', spans, ['ann quux', 'Bob'])).toEqual(['api: a span contains ann quux']);
  });

  it('compares an event of the audit log with its schema', () => {
    const event = {
      log: 'audit',
      schemaVersion: 1,
      timestamp: '2026-01-02T03:04:05.678Z',
      event: 'authn_logout',
      outcome: 'success',
      actor: { kind: 'user', id: '018f3a5e-0000-7000-8000-000000000001' },
      service: 'user-service',
      env: 'test',
      version: '1',
    };
    const faultsOf = (line: object): string[] => ofLines(`${LINE}${JSON.stringify(line)}\n`);
    expect(faultsOf(event)).toEqual([]);
    const misfit = 'api: a line of the audit event authn_logout does not fit its schema';
    expect(faultsOf({ ...event, name: 'Ann Lee' })).toEqual([misfit]);
    expect(faultsOf({ ...event, event: 'authn_teleport' })).toEqual([
      'api: audit event authn_teleport is not documented',
    ]);
    expect(faultsOf({ ...event, env: 'dev' })).toEqual(['api: a line of the audit log has not env=test']);
  });
});
