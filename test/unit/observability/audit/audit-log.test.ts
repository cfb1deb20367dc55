import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';

import { AUDIT_EVENTS, type AuditEventName } from '../../../../src/observability/audit/audit-events.ts';
import { schemaOf } from '../../../../src/observability/audit/audit-schema.ts';
import { makeAuditLog, type Audit, type RequestContext } from '../../../../src/observability/audit/audit-log.ts';

const USER = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13';
const REQUEST = { requestId: 'abc-1', address: '192.0.2.1', actor: undefined };

const arrange = (request?: RequestContext) => {
  const lines: Record<string, unknown>[] = [];
  const audit = makeAuditLog({
    service: 'user-service',
    env: 'test',
    version: '1.2.3',
    currentTrace: () => ({ traceId: '6b03ef320000000039248080d22ab0e2', spanId: '1' }),
    currentRequest: () => request,
    write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
    now: () => new Date(0),
  });
  return { audit, lines };
};

const record = (write: (audit: Audit) => void, request?: RequestContext): Record<string, unknown> => {
  const { audit, lines } = arrange(request);
  write(audit);
  return lines[0] ?? {};
};

const NAMES = Object.keys(AUDIT_EVENTS) as AuditEventName[];

describe('the audit log', () => {
  it('has twenty-one events', () => {
    expect(NAMES).toHaveLength(21);
  });

  it('writes who, what, when, with which outcome, and in which request', () => {
    const line = record(
      ({ record: write }) => {
        write('user_updated', { actor: { kind: 'user', id: USER }, details: { fields: ['name'], version: 2 } });
      },
      { ...REQUEST, actor: { kind: 'user', id: USER } },
    );
    expect(line).toEqual({
      log: 'audit',
      schemaVersion: 1,
      timestamp: '1970-01-01T00:00:00.000Z',
      event: 'user_updated',
      outcome: 'success',
      actor: { kind: 'user', id: USER },
      details: { fields: ['name'], version: 2 },
      requestId: 'abc-1',
      traceId: '6b03ef320000000039248080d22ab0e2',
      service: 'user-service',
      env: 'test',
      version: '1.2.3',
    });
  });

  it.each(NAMES)('writes %s as its schema says, whatever is left out', (name) => {
    for (const request of [undefined, REQUEST, { ...REQUEST, actor: { kind: 'service', id: 'svc' } as const }]) {
      const line = record((audit) => {
        audit.record(name);
      }, request);
      expect([...Value.Errors(schemaOf(name), line)]).toEqual([]);
    }
  });

  it('takes the actor from the request when the event names none', () => {
    const actor = { kind: 'service', id: 'notification-service' } as const;
    const line = record(
      (audit) => {
        audit.record('sensitive_read', { details: { count: 3 } });
      },
      { ...REQUEST, actor },
    );
    expect(line).toMatchObject({ actor, target: { kind: 'users' }, details: { count: 3 } });
  });

  it('records the address of a refused caller, and of nobody else', () => {
    const address = (outcome: 'success' | 'refused') =>
      record((audit) => {
        audit.record('authn_reauthentication', { outcome, actor: { kind: 'user', id: USER } });
      }, REQUEST).address;
    expect([address('success'), address('refused')]).toEqual([undefined, '192.0.2.1']);
  });

  it('rejects an extra field, a missing one, and values of another event', () => {
    const line = record((audit) => {
      audit.record('authn_login_fail', { reason: 'credentials' });
    }, REQUEST);
    const schema = schemaOf('authn_login_fail');
    expect(Value.Check(schema, line)).toBe(true);
    for (const wrong of [
      { ...line, login: 'ann' },
      { ...line, actor: { kind: 'user', name: 'Ann' } },
      { ...line, outcome: 'success' },
      { ...line, reason: 'Ann' },
      { ...line, event: 'user_created' },
      { ...line, outcome: undefined },
    ])
      expect(Value.Check(schema, wrong)).toBe(false);
  });
});
