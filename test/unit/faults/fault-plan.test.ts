import { describe, expect, it } from 'vitest';

import { parseFaultHeader, parseFaultPlan } from '../../../src/faults/fault-plan.ts';

const problemOf = (parsed: object): unknown => ('problem' in parsed ? parsed.problem : undefined);

describe('the setting', () => {
  it('is a list of shares, and of whether a header may ask', () => {
    expect(parseFaultPlan('payments:latency=4000@100%, redis:error@0.5%,header,')).toEqual({
      value: {
        shares: [
          { dependency: 'payments', kind: 'latency', ms: 4000, percent: 100 },
          { dependency: 'redis', kind: 'error', percent: 0.5 },
        ],
        allowsHeader: true,
      },
    });
  });

  it.each(['', ' ', ','])('%j is a plan without faults', (text) => {
    expect(parseFaultPlan(text)).toEqual({ value: { shares: [], allowsHeader: false } });
  });

  it('may divide the calls of a dependency', () => {
    const { value } = parseFaultPlan('redis:error@33.33%,redis:hang@33.33%,redis:latency=1@33.34%') as {
      value: object;
    };
    expect(value).toMatchObject({ shares: [{ percent: 33.33 }, { percent: 33.33 }, { percent: 33.34 }] });
  });

  it.each([
    ['redis', 'item 1 is not of the form <dependency>:<kind>[=<ms>]@<percent>%'],
    ['redis:error@5%,Redis:error@5%', 'item 2 is not of the form'],
    ['redis:error@5%;kafka:error@5%', 'item 1 is not of the form'],
    ['ｒedis:error@5%', 'item 1 is not of the form'],
    ['header=1', 'item 1 is not of the form'],
    ['redis:error@5', 'item 1 is not of the form'],
    ['redis:error@-1%', 'item 1 is not of the form'],
    ['redis:error@1e1%', 'item 1 is not of the form'],
    ['redis:error@5.123%', 'item 1 is not of the form'],
    ['mysql:error@5%', 'item 1 names no dependency, which is one of postgres, redis, kafka, registry, payments'],
    ['redis:slow@5%', 'item 1 names no kind, which is one of latency, error, hang'],
    ['redis:latency@5%', 'item 1 needs a latency from 1 to 60000 ms'],
    ['redis:latency=0@5%', 'item 1 needs a latency'],
    ['redis:latency=60001@5%', 'item 1 needs a latency'],
    ['redis:latency=1.5@5%', 'item 1 is not of the form'],
    ['redis:error=5@5%', 'item 1 has a value, which error has not'],
    ['header,,redis:hang', 'item 3 has no share'],
    ['redis:error@0%', 'item 1 has a share that is not above 0'],
    ['redis:error@0.00%', 'item 1 has a share that is not above 0'],
    ['redis:error@100.01%', 'item 1 has a share that is not above 0 and at most 100 %'],
    ['redis:error@999%', 'item 1 has a share that is not above 0'],
    ['redis:error@5%,redis:error@6%', 'two items are the same but for their share'],
    ['redis:error@60%,kafka:hang@50%,redis:hang@40.01%', 'the shares of redis are more than 100 % together'],
  ])('%j is refused: %s', (text, problem) => {
    expect(problemOf(parseFaultPlan(text))).toContain(problem);
  });
});

describe('the header', () => {
  it('has the same items without shares', () => {
    expect(parseFaultHeader('postgres:error, redis:latency=200')).toEqual({
      value: [
        { dependency: 'postgres', kind: 'error' },
        { dependency: 'redis', kind: 'latency', ms: 200 },
      ],
    });
  });

  it.each([
    ['', 'it has no item'],
    [',', 'it has no item'],
    ['redis:error@5%', 'item 1 has a share, which one request has not'],
    ['header', 'item 1 is not of the form'],
    ['payments:error', 'item 1 names a dependency that no request calls: only postgres and redis'],
    ['redis:error,redis:hang', 'it names redis twice'],
    ['redis:error,'.repeat(22), 'it is longer than 256 characters'],
  ])('%j is refused: %s', (text, problem) => {
    expect(problemOf(parseFaultHeader(text))).toContain(problem);
  });
});
