import { describe, expect, it } from 'vitest';

import { parseFaultHeader, parseFaultPlan, type Fault } from '../../../src/faults/fault-plan.ts';
import { makeFaultScopes, newScope } from '../../../src/faults/fault-scopes.ts';
import { makeInject, type Call } from '../../../src/faults/inject.ts';

const valueOf = <T>(parsed: { value: T } | { problem: string }): T => {
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.value;
};

/** Park and Miller's generator: the same numbers in each run. */
const makeSequence = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

const arrange = (text: string, random?: () => number) => {
  const scopes = makeFaultScopes();
  const marks: string[] = [];
  const inject = makeInject({
    plan: valueOf(parseFaultPlan(text)),
    scopes,
    ...(random && { random }),
    onInjected: (_fault: Fault, injected) => marks.push(injected),
  });
  return { scopes, marks, inject };
};

const call = (changes: Partial<Call> = {}): Call => ({
  dependency: 'redis',
  timeoutMs: 30,
  failed: (cause) => new Error('failed', { cause }),
  timedOut: (cause) => new Error('timed out', { cause }),
  ...changes,
});

const outcomeOf = (work: Promise<void>): Promise<string> =>
  work.then(
    () => 'called',
    (error: unknown) => (error as Error).message,
  );

describe('injecting', () => {
  it.each([
    ['redis:error@100%', 'failed'],
    ['redis:hang@100%', 'timed out'],
    ['redis:latency=5@100%', 'called'],
    ['redis:latency=30@100%', 'timed out'],
    ['kafka:error@100%', 'called'],
  ])('%s: the call %s', async (text, outcome) => {
    expect(await outcomeOf(arrange(text).inject(call()))).toBe(outcome);
  });

  it('names itself as the cause of the error', async () => {
    const { inject } = arrange('redis:error@100%');
    await expect(inject(call())).rejects.toMatchObject({
      cause: { message: 'injected by FAULT_INJECTION (redis:error)' },
    });
  });

  it('waits for a latency before the call', async () => {
    const begin = performance.now();
    await arrange('redis:latency=25@100%').inject(call());
    expect(performance.now() - begin).toBeGreaterThan(20);
  });

  it('ends a hang when its client is closed', async () => {
    const closing = new AbortController();
    const hanging = outcomeOf(arrange('redis:hang@100%').inject(call({ timeoutMs: 60_000, signal: closing.signal })));
    closing.abort();
    expect(await hanging).toBe('failed');
  });

  it('divides the calls by one draw', async () => {
    const draws = [0, 0.099, 0.1, 0.299, 0.3, 0.999].values();
    const { inject } = arrange('redis:error@10%,redis:hang@20%', () => draws.next().value ?? 0);
    const outcomes: string[] = [];
    for (let i = 0; i < 6; i += 1) outcomes.push(await outcomeOf(inject(call({ timeoutMs: 1 }))));
    expect(outcomes).toEqual(['failed', 'failed', 'timed out', 'timed out', 'called', 'called']);
  });

  it('hits the share of the calls', async () => {
    const { inject, marks } = arrange('redis:error@5%', makeSequence(13));
    for (let i = 0; i < 10_000; i += 1) await outcomeOf(inject(call()));
    // five standard deviations of a binomial distribution: √(10000 × 0.05 × 0.95) = 21.8
    expect(Math.abs(marks.length - 500)).toBeLessThan(109);
  });
});

describe('a scope', () => {
  it('collects what was injected, each once', async () => {
    const { scopes, marks, inject } = arrange('redis:error@100%,postgres:error@100%');
    await scopes.run(newScope(), async () => {
      expect(scopes.logFields()).toEqual({});
      for (const dependency of ['redis', 'postgres', 'redis'] as const) await outcomeOf(inject(call({ dependency })));
      expect(scopes.logFields()).toEqual({ fault: 'postgres:error,redis:error' });
    });
    expect(marks.at(-1)).toBe('postgres:error,redis:error');
    expect(scopes.logFields()).toEqual({});
  });

  it('with a header replaces the shares of that dependency, and has no effect on others', async () => {
    const { scopes, inject } = arrange('redis:latency=1@100%,header');
    const asked = newScope(valueOf(parseFaultHeader('redis:error')));
    const both = [asked, newScope()].map((scope) => scopes.run(scope, () => outcomeOf(inject(call()))));
    expect(await Promise.all(both)).toEqual(['failed', 'called']);
  });
});
