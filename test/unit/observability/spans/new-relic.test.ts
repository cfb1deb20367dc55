import { describe, expect, it } from 'vitest';
import { allowPayload } from '../../../../src/observability/spans/new-relic.ts';

const ID = '0199aaaa-1111-7222-8333-444444444444';
const CANARIES = ['jane@example.com', 'hunter2', 'Jane Doe', '203.0.113.7', ID, 'curl/8'];
const leaks = (payload: unknown): string[] => CANARIES.filter((text) => JSON.stringify(payload).includes(text));
const text = CANARIES.join(' ');

const INTRINSICS = {
  type: 'Span',
  traceId: '6b03ef320000000039248080d22ab0e2',
  guid: 'fde7bc280c10102d',
  name: 'WebTransaction/WebFrameworkUri/Fastify/GET//api/v1/users/:id',
  timestamp: 1_795_703_493_533,
  duration: 0.0015,
  sampled: true,
};
const ATTRIBUTES = { 'request.method': 'GET', 'http.statusCode': '200', 'db.instance': 'users' };

describe('allowPayload', () => {
  it.each(['span_event_data', 'analytic_event_data', 'error_event_data'])(
    'keeps what a trace is searched by, and no URL, header, address or message: %s',
    (method) => {
      const foreign = {
        'request.uri': `/users/${ID}`,
        'request.headers.userAgent': 'curl/8',
        'request.parameters.q': 'jane@example.com',
        'http.url': 'https://registry/schemas?token=hunter2',
        'error.message': 'Key (email)=(jane@example.com) already exists.',
        'enduser.id': 'Jane Doe',
        'net.peer.ip': '203.0.113.7',
      };
      const event = [{ ...INTRINSICS, ...foreign }, { customer: 'Jane Doe' }, { ...ATTRIBUTES, ...foreign }];
      const counts = { reservoir_size: 10, events_seen: 1 };
      expect(allowPayload(method, ['run', counts, [event]])).toEqual(['run', counts, [[INTRINSICS, {}, ATTRIBUTES]]]);
    },
  );

  it('removes allowed attributes whose value is none of theirs', () => {
    const values = Object.fromEntries(
      Object.keys({ ...INTRINSICS, ...ATTRIBUTES, 'error.class': '' }).map((n) => [n, text]),
    );
    const allowed = allowPayload('span_event_data', ['run', {}, [[values, values, values]]]);
    expect(leaks(allowed)).toEqual([]);
  });

  it.each([
    ['with an id', `WebTransaction/Nodejs/GET//api/v1/users/${ID}`, 'other'],
    ['with an address', 'WebTransaction/Nodejs/GET//reset/jane@example.com', 'other'],
    ['of no family', 'jane/doe', 'other'],
    ['with the path of a URL', 'External/registry:8081/schemas/ids/6', 'External/registry:8081'],
    ['of an own span', 'outbox.publish/OrderPlaced', 'outbox.publish/OrderPlaced'],
    ['of a statement', 'Datastore/statement/Postgres/orders/update', 'Datastore/statement/Postgres/orders/update'],
  ])('keeps only names with placeholders: %s', (_what, name, expected) => {
    const spans = allowPayload('span_event_data', ['run', {}, [[{ name }, {}, {}]]]);
    expect(spans).toEqual(['run', {}, [[{ name: expected }, {}, {}]]]);
  });

  it('removes literals from statements', () => {
    const sql = "SELECT id FROM users WHERE email = 'jane@example.com' AND pin = 4711 AND id = $1";
    expect(allowPayload('span_event_data', ['run', {}, [[{}, {}, { 'db.statement': sql }]]])).toEqual([
      'run',
      {},
      [[{}, {}, { 'db.statement': 'SELECT id FROM users WHERE email = ? AND pin = ? AND id = $1' }]],
    ]);
  });

  it('keeps class and frames of an error, not its message', () => {
    const message = `duplicate ${text}`;
    const frame = '    at register (file:///app/dist/users/register-user.js:10:5)';
    const details = {
      stack_trace: [`Error: ${message}`, frame],
      agentAttributes: ATTRIBUTES,
      userAttributes: { text },
    };
    const error = [1, INTRINSICS.name, message, 'CodedError', details, 'tx'];
    expect(allowPayload('error_data', ['run', [error]])).toEqual([
      'run',
      [
        [
          1,
          INTRINSICS.name,
          '',
          'CodedError',
          { intrinsics: {}, agentAttributes: ATTRIBUTES, userAttributes: {}, stack_trace: [frame] },
          'tx',
        ],
      ],
    ]);
  });

  it('keeps numbers of metrics under names with placeholders', () => {
    const numbers = [1, 2, 2, 2, 2, 4];
    const metrics = [
      [{ name: 'Custom/user.registrations' }, numbers],
      [{ name: `WebTransaction/GET//users/${ID}`, scope: 'jane@example.com' }, numbers],
      [17, numbers],
    ];
    expect(allowPayload('metric_data', ['run', 1, 2, metrics])).toEqual([
      'run',
      1,
      2,
      [
        [{ name: 'Custom/user.registrations' }, numbers],
        [{ name: 'other', scope: 'other' }, numbers],
        [17, numbers],
      ],
    ]);
  });

  it('sends switches and numbers of the configuration, no texts', () => {
    const settings = { 'slow_sql.enabled': false, port: 443, proxy: 'https://user:hunter2@proxy' };
    const facts = { pid: 1, app_name: ['user-service'], settings };
    const allowed = { 'slow_sql.enabled': false, port: 443 };
    expect(allowPayload('connect', [facts])).toEqual([{ ...facts, settings: allowed }]);
    expect(allowPayload('agent_settings', [settings])).toEqual([allowed]);
  });

  it.each([
    'log_event_data',
    'custom_event_data',
    'sql_trace_data',
    'transaction_sample_data',
    'pprof_data',
    'next_data',
  ])('sends nothing of a method without an allow-list: %s', (method) => {
    expect(allowPayload(method, ['run', {}, [[{ text }]]])).toBeUndefined();
  });

  it('never throws, whatever the agent hands over', () => {
    for (const method of ['connect', 'metric_data', 'span_event_data', 'error_data', 'agent_settings', 'shutdown'])
      for (const payload of [null, undefined, [], {}, [null], ['run', null, text, [null]], ['run', [[null]]]])
        expect(leaks(allowPayload(method, payload) ?? '')).toEqual([]);
  });
});
