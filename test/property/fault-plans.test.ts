// FAULT_INJECTION and its header: what is written is what is read, and no text makes the parser throw or repeats itself in a message.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DEPENDENCIES, KINDS, parseFaultHeader, parseFaultPlan } from '../../src/faults/fault-plan.ts';

const share = fc.record({
  kind: fc.constantFrom(...KINDS),
  ms: fc.integer({ min: 1, max: 60_000 }),
  hundredths: fc.integer({ min: 1, max: 3333 }), // three of them are at most 100 %
});
const shares = fc
  .tuple(
    ...DEPENDENCIES.map((dependency) =>
      fc
        .uniqueArray(share, { maxLength: 3, selector: ({ kind }) => kind })
        .map((of) => of.map((one) => ({ dependency, ...one }))),
    ),
  )
  .map((all) => all.flat());

const itemOf = ({
  dependency,
  kind,
  ms,
  hundredths,
}: {
  dependency: string;
  kind: string;
  ms: number;
  hundredths: number;
}) => [dependency, ':', kind, ...(kind === 'latency' ? ['=', ms] : []), '@', hundredths / 100, '%'].join('');

const fragment = fc.constantFrom(
  ...DEPENDENCIES,
  ...KINDS,
  ':',
  '=',
  '@',
  '%',
  ',',
  '100',
  '0',
  '-1',
  'header',
  ' ',
  '\u0000',
  'é',
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fragment).map((parts) => parts.join('')),
);

describe('a plan', () => {
  it('is read as it was written, whatever is around its items', () => {
    fc.assert(
      fc.property(shares, fc.boolean(), fc.constantFrom(',', ' ,', ',, '), (all, allowsHeader, separator) => {
        const items = [...all.map(itemOf), ...(allowsHeader ? ['header'] : [])];
        const expected = all.map(({ dependency, kind, ms, hundredths }) => ({
          ...{ dependency, kind, percent: hundredths / 100 },
          ...(kind === 'latency' && { ms }),
        }));
        expect(parseFaultPlan(items.join(separator))).toEqual({ value: { shares: expected, allowsHeader } });
      }),
    );
  });

  it.each([
    ['the setting', parseFaultPlan],
    ['the header', parseFaultHeader],
  ])('is read or refused from any text of %s, and the text is not repeated', (_where, parse) => {
    fc.assert(
      fc.property(text, (any) => {
        const parsed = parse(`${any},hunter2:${any}`);
        expect(JSON.stringify('problem' in parsed ? parsed.problem : '')).not.toContain('hunter2');
      }),
    );
  });

  it('never has more than 100 % of a dependency', () => {
    fc.assert(
      fc.property(text, (any) => {
        const parsed = parseFaultPlan(any);
        if ('problem' in parsed) return;
        for (const dependency of DEPENDENCIES) {
          const own = parsed.value.shares.filter((one) => one.dependency === dependency);
          expect(own.reduce((sum, { percent }) => sum + percent, 0)).toBeLessThanOrEqual(100.001);
        }
      }),
    );
  });
});
