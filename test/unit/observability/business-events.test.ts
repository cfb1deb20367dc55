import { describe, expect, it } from 'vitest';
import { makeBusinessEvents } from '../../../src/observability/business-events.ts';
import type { Log, LogFields } from '../../../src/observability/log-fields.ts';
import { makeMetrics } from '../../../src/observability/metrics/metrics.ts';

const arrange = () => {
  const lines: string[] = [];
  const at = (level: string) => (fields: LogFields, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  const logger: Log = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
  };
  const metrics = makeMetrics({ service: 's', env: 'test', version: '1', commit: 'c' });
  /** The counters with the value 1, with their result. */
  const scrape = async (): Promise<string[]> =>
    (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => /^\w+_total\{.* 1$/.test(line))
      .map((line) => line.replace(/\{.*/, '') + (/result="(\w+)"/.exec(line)?.[1] ?? '').replace(/^/, ' ').trimEnd());
  const audited: string[] = [];
  const audit = {
    record: (name: string) => {
      audited.push(name);
    },
  };
  return { events: makeBusinessEvents({ logger, metrics, audit }), lines, scrape, metrics, audited };
};

type Events = ReturnType<typeof makeBusinessEvents>;
const userId = '0197';
const orderId = '0198';

/** Events that the audit log has too. */
const AUDITED: Readonly<Record<string, readonly string[]>> = {
  userRegistered: ['user_created'],
  userProfileChanged: ['user_updated', 'user_email_changed'],
  userErased: ['user_deleted'],
  usersListed: ['sensitive_read'],
  signedIn: ['authn_login_success'],
  signInRefused: ['authn_login_fail'],
  reauthenticated: ['authn_reauthentication'],
  reauthenticationRefused: ['authn_reauthentication'],
  refreshTokenReused: ['authn_token_reuse'],
  signedOut: ['authn_logout'],
  passwordChanged: ['authn_password_change'],
  clientTokenIssued: ['authn_client_token'],
  clientTokenRefused: ['authn_client_token'],
};

/** Name, call, metric (none: the log line is all) and log line. */
const EVENTS: [string, (events: Events) => void, string | undefined, string][] = [
  [
    'userRegistered',
    (e) => {
      e.userRegistered({ userId });
    },
    'user_registrations_total',
    'info user registered {"userId":"0197"}',
  ],
  [
    'userProfileChanged',
    (e) => {
      e.userProfileChanged({ userId, version: 2, fields: ['email'] });
    },
    'user_profile_changes_total',
    'info user profile changed {"userId":"0197","version":2}',
  ],
  [
    'userErased',
    (e) => {
      e.userErased({ userId });
    },
    'user_erasures_total',
    'info user erased {"userId":"0197"}',
  ],
  [
    'usersListed',
    (e) => {
      e.usersListed({ count: 20 });
    },
    undefined,
    'info users listed {"count":20}',
  ],
  [
    'orderPlaced',
    (e) => {
      e.orderPlaced({ orderId, userId });
    },
    'orders_placed_total',
    'info order placed {"orderId":"0198","userId":"0197"}',
  ],
  [
    'orderConfirmed',
    (e) => {
      e.orderConfirmed({ orderId, processingSeconds: 0.3 });
    },
    'orders_decided_total',
    'info order confirmed {"orderId":"0198"}',
  ],
  [
    'orderRejected',
    (e) => {
      e.orderRejected({ orderId, reason: 'PAYMENT_DECLINED', processingSeconds: 0.3 });
    },
    'orders_decided_total',
    'info order rejected {"orderId":"0198","reason":"PAYMENT_DECLINED"}',
  ],
  [
    'signedIn',
    (e) => {
      e.signedIn({ userId });
    },
    'sign_ins_total accepted',
    'info signed in {"userId":"0197"}',
  ],
  [
    'signInRefused',
    (e) => {
      e.signInRefused({ reason: 'credentials', address: '192.0.2.1' });
    },
    'sign_ins_total refused',
    'info sign-in refused {"reason":"credentials","address":"192.0.2.1"}',
  ],
  [
    'reauthenticated',
    (e) => {
      e.reauthenticated({ userId });
    },
    'reauthentications_total accepted',
    'info reauthenticated {"userId":"0197"}',
  ],
  [
    'reauthenticationRefused',
    (e) => {
      e.reauthenticationRefused({ userId, address: '192.0.2.1' });
    },
    'reauthentications_total refused',
    'info reauthentication refused {"userId":"0197","address":"192.0.2.1"}',
  ],
  [
    'sessionRefreshed',
    (e) => {
      e.sessionRefreshed({ userId });
    },
    'session_refreshes_total accepted',
    'info session refreshed {"userId":"0197"}',
  ],
  [
    'refreshTokenReused',
    (e) => {
      e.refreshTokenReused({ userId, address: '192.0.2.1' });
    },
    'session_refreshes_total reused',
    'warn refresh token used twice, session ended {"userId":"0197","address":"192.0.2.1"}',
  ],
  [
    'signedOut',
    (e) => {
      e.signedOut({ userId });
    },
    'sign_outs_total',
    'info signed out {"userId":"0197"}',
  ],
  [
    'passwordChanged',
    (e) => {
      e.passwordChanged({ userId, endedSessions: 3 });
    },
    'password_changes_total',
    'info password changed {"userId":"0197","endedSessions":3}',
  ],
  [
    'clientTokenIssued',
    (e) => {
      e.clientTokenIssued({ clientId: 'n' });
    },
    'client_tokens_total',
    'info client token issued {"clientId":"n"}',
  ],
  [
    'clientTokenRefused',
    (e) => {
      e.clientTokenRefused({ clientId: 'n', reason: 'scope' });
    },
    undefined,
    'info client token refused {"clientId":"n","reason":"scope"}',
  ],
];

describe('makeBusinessEvents', () => {
  it.each(EVENTS)('%s updates its metric and writes its log lines', async (name, call, metric, line) => {
    const { events, lines, scrape, audited } = arrange();
    const before = await scrape();
    call(events);
    expect((await scrape()).filter((name) => !before.includes(name))).toEqual(metric === undefined ? [] : [metric]);
    expect(lines).toEqual([line]);
    expect(audited).toEqual(new Map(Object.entries(AUDITED)).get(name) ?? []);
  });

  it('measures the processing time of an order by its decision', async () => {
    const { events, metrics } = arrange();
    events.orderConfirmed({ orderId, processingSeconds: 0.3 });
    events.orderRejected({ orderId, reason: 'PAYMENT_DECLINED', processingSeconds: 61 });
    const samples = (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => /^order_processing_time_seconds_bucket.* 1$/.test(line))
      .map((line) => line.replace(/^.*?le="([^"]+)".*status="(\w+)".*$/, '$2 $1'));
    expect(samples).toEqual([
      ...['0.5', '1', '2.5', '5', '10', '30', '60', '+Inf'].map((le) => `confirmed ${le}`),
      'rejected +Inf',
    ]);
  });

  it('is tested for every event', () => {
    expect(new Set(EVENTS.map(([name]) => name))).toEqual(new Set(Object.keys(arrange().events)));
  });
});
