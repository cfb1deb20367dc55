// Whatever a tracer or one of its plugins puts on a span, only what is on the allow-list leaves the process.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeAllowSpan, type SpanContent } from '../../src/observability/spans/allow-span.ts';
import { SPAN_NUMBERS, SPAN_RESOURCES, SPAN_TAGS } from '../../src/observability/spans/span-fields.ts';

const CANARY = 'c4n4ry@example.com';
const allow = makeAllowSpan({ service: 'user-service', constants: { team: 'blue' } });

const around = fc.string({ maxLength: 20 });
/** Where a statement may hold a value. */
const literals = [
  `'${CANARY}'`,
  `'it''s ${CANARY}'`,
  `E'it\\'s ${CANARY}'`,
  `$$${CANARY}$$`,
  `$a$it's ${CANARY}$a$`,
  `/* it's ${CANARY} */`,
  `-- ${CANARY}\n`,
];
/** The canary alone, quoted as a literal, in a stack, in JSON, or anywhere in a text. */
const carrier = fc.oneof(
  fc.constantFrom(
    CANARY,
    ...literals,
    `Error: x\n    at ${CANARY}\n    at x (${CANARY}:1:1)`,
    `[{"trace_id":"${CANARY}","span_id":"${CANARY}","tracestate":"${CANARY}"}]`,
    `[${CANARY}`,
  ),
  fc.tuple(around, around).map(([before, after]) => `${before}${CANARY}${after}`),
);
/** Tokens in any order, and cut off anywhere, as the tracer does with long ones. */
const sql = fc
  .tuple(
    fc.array(fc.constantFrom(...literals, 'SELECT', '"it\'s"', "''", "e''", '$$$$', '$1', '/**/', '42')),
    fc.constantFrom('', `'${CANARY}`, `e'\\`, `$$${CANARY}`, `/*${CANARY}`, `--${CANARY}`),
  )
  .map(([tokens, cut]) => [...tokens, cut].join(' '));
const tagNames = fc.oneof(
  fc.constantFrom(...SPAN_TAGS.keys(), ...SPAN_NUMBERS, 'team', 'error.stack', 'error.message', '_dd.span_links'),
  fc.constantFrom(
    'http.url',
    'redis.raw_command',
    'db.statement',
    'http.client_ip',
    'baggage.x',
    '_dd.origin',
    '_dd.p.x',
  ),
  fc.string(),
);
const tags = fc.array(
  fc.tuple(
    tagNames,
    fc.oneof(
      carrier,
      carrier.map(Buffer.from),
      carrier.map((text) => [text]),
    ),
  ),
);

const names = [...SPAN_RESOURCES.keys()].filter((name) => name !== 'pg.query');
const span = fc.record({
  name: fc.oneof(fc.constantFrom(...names), carrier),
  resource: carrier,
  service: carrier,
  type: carrier,
  meta: tags.map((entries) => Object.fromEntries(entries) as Record<string, unknown>),
  metrics: tags.map((entries) => Object.fromEntries(entries) as Record<string, unknown>),
});
const querySpan = fc.tuple(span, sql).map(([content, resource]) => ({ ...content, name: 'pg.query', resource }));

describe('a span', () => {
  it.each([
    ['of any name', span],
    ['of a query', querySpan],
  ])('%s has nothing that is not on the allow-list, in no field and no tag', (_, spans) => {
    fc.assert(
      fc.property(spans, (content: SpanContent) => {
        expect(JSON.stringify(allow(content))).not.toContain('c4n4ry');
      }),
      { numRuns: 1000 },
    );
  });
});
