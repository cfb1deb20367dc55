import pg from 'pg';
import { describe, expect, it } from 'vitest';

import { endsConnection, toStoreError, violatedConstraint } from '../../../src/postgres/errors.ts';

const sqlState = (code: string, fields: object = {}): pg.DatabaseError =>
  Object.assign(new pg.DatabaseError('from the server', 20, 'error'), { code, ...fields });

const socketError = (code: string): Error => Object.assign(new Error('from the system'), { code });

describe('toStoreError', () => {
  it.each([
    sqlState('08006'),
    sqlState('28P01'),
    sqlState('53100'),
    sqlState('53300'),
    sqlState('57P01'),
    sqlState('57P03'),
    sqlState('3D000'),
    sqlState('25006'),
    sqlState('40001'),
    sqlState('42501'),
    sqlState('42P01'),
    sqlState('26000'),
    sqlState('42P05'),
    sqlState('0A000', { routine: 'RevalidateCachedQuery' }),
    ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH'].map(socketError),
    new Error('Connection terminated unexpectedly'),
    new Error('Connection terminated due to connection timeout'),
    new Error('Client has encountered a connection error and is not queryable'),
    new Error('Client was closed and is not queryable'),
  ])('maps %o to STORE_UNAVAILABLE', (fault) => {
    expect(toStoreError(fault)).toMatchObject({ name: 'Unavailable', code: 'STORE_UNAVAILABLE', cause: fault });
  });

  it.each([
    sqlState('57014'),
    sqlState('55P03'),
    sqlState('40P01'),
    sqlState('25P03'),
    sqlState('25P04'),
    new Error('Query read timeout'),
  ])('maps %o to STORE_TIMEOUT', (fault) => {
    expect(toStoreError(fault)).toMatchObject({ name: 'Unavailable', code: 'STORE_TIMEOUT', cause: fault });
  });

  it.each([sqlState('23505'), sqlState('42601'), sqlState('0A000'), new Error('a bug'), 'text', undefined])(
    'returns %o unchanged',
    (fault) => {
      expect(toStoreError(fault)).toBe(fault);
    },
  );
});

describe('endsConnection', () => {
  it.each([sqlState('23505'), sqlState('57014'), sqlState('55P03'), sqlState('42601')])('is false for %o', (fault) => {
    expect(endsConnection(fault)).toBe(false);
  });

  it.each([
    sqlState('57P01'),
    sqlState('25P03'),
    sqlState('08006'),
    sqlState('25006'),
    sqlState('40001'),
    sqlState('42501'),
    sqlState('42P01'),
    sqlState('26000'),
    sqlState('42P05'),
    sqlState('0A000', { routine: 'RevalidateCachedQuery' }),
    new Error('Query read timeout'),
    socketError('EPIPE'),
  ])('is true for %o', (fault) => {
    expect(endsConnection(fault)).toBe(true);
  });
});

describe('violatedConstraint', () => {
  it('is the constraint of a unique violation', () => {
    expect(violatedConstraint(sqlState('23505', { constraint: 'users_email_key' }))).toBe('users_email_key');
  });

  it.each([sqlState('23503', { constraint: 'sessions_user_id_fkey' }), new Error('a bug')])(
    'is undefined for %o',
    (fault) => {
      expect(violatedConstraint(fault)).toBeUndefined();
    },
  );
});
