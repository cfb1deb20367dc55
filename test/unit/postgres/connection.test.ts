import { describe, expect, it } from 'vitest';

import { toClientConfig, type ConnectionOptions } from '../../../src/postgres/connection.ts';

const OPTIONS: ConnectionOptions = {
  host: 'db.example.org',
  port: 5432,
  database: 'user_service',
  user: 'someone',
  password: () => 'secret',
  tls: 'disable',
  applicationName: 'user-service',
  connectTimeoutMs: 1000,
  statementTimeoutMs: 1000,
  lockTimeoutMs: 500,
  idleInTransactionTimeoutMs: 5000,
};

describe('toClientConfig', () => {
  it('waits longer for a response than the server runs a statement', () => {
    expect(toClientConfig(OPTIONS)).toMatchObject({ connectionTimeoutMillis: 1000, query_timeout: 1250 });
  });

  it.each([
    ['disable', false],
    ['require', { rejectUnauthorized: false }],
    ['verify-full', { rejectUnauthorized: true }],
  ] as const)('maps TLS mode %s', (tls, ssl) => {
    expect(toClientConfig({ ...OPTIONS, tls }).ssl).toEqual(ssl);
  });

  it('trusts the authorities whose certificates are current at each new connection', () => {
    const file = { pem: 'first' };
    const { ssl } = toClientConfig({ ...OPTIONS, tls: 'verify-full', tlsCa: () => file.pem });
    expect(Object.assign({}, ssl)).toEqual({ rejectUnauthorized: true, ca: 'first' });
    file.pem = 'second';
    expect(Object.assign({}, ssl)).toEqual({ rejectUnauthorized: true, ca: 'second' });
  });
});
