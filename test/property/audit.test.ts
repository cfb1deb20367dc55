// Whatever a caller records, a line of the audit log fits the schema of its event and contains no e-mail, name, password or token.

import fc from 'fast-check';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';

import { AUDIT_EVENTS, type AuditEventName } from '../../src/observability/audit/audit-events.ts';
import { schemaOf } from '../../src/observability/audit/audit-schema.ts';
import { makeAuditLog } from '../../src/observability/audit/audit-log.ts';

const CANARIES = [
  'c4n4ry@example.com',
  'Ann C4n4ry',
  'c4n4ry quiet rivers',
  'eyJhbGciOiJFUzI1NiJ9c4n4ry0123456789012345678901234567890123456789.c4n4ry.c4n4ry',
];
const NAMES = Object.keys(AUDIT_EVENTS) as AuditEventName[];
const KEYS = ['outcome', 'actor', 'target', 'reason', 'details', 'address', 'login', 'email', 'event', '__proto__'];
const KINDS = ['user', 'service', 'operator', 'process', 'anonymous', 'session', 'route', 'management'];

const canary = fc.constantFrom(...CANARIES);
const text = fc.oneof(
  canary,
  fc.tuple(fc.string(), canary).map(([before, after]) => `${before}${after}`),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.record({ kind: fc.oneof(fc.constantFrom(...KINDS), text), id: text }),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(
      fc.oneof(fc.constantFrom(...KEYS, 'fields', 'action', 'level', 'count', 'commit'), text),
      tie('value'),
    ),
  ),
}));
const recorded = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...KEYS), text), value), { maxLength: 6 });
const request = fc.option(
  fc.record({
    requestId: text,
    address: text,
    actor: fc.option(fc.record({ kind: fc.constant('user'), id: text }), { nil: undefined }),
  }),
);

describe('a line of the audit log', () => {
  it('fits its schema and contains nothing of what a caller must not record', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), recorded, request, (name, entries, current) => {
        const lines: string[] = [];
        const { record } = makeAuditLog({
          ...{ service: 's', env: 'test', version: '1' },
          currentTrace: () => undefined,
          currentRequest: () => current ?? undefined,
          write: (line) => lines.push(line),
        });
        record(name, Object.fromEntries(entries));
        expect(lines.join('')).not.toContain('c4n4ry');
        expect(lines).toHaveLength(1);
        expect([...Value.Errors(schemaOf(name), JSON.parse(lines[0] ?? ''))]).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
