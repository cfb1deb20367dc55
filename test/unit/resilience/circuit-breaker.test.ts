import { describe, expect, it } from 'vitest';

import { makeCircuitBreaker } from '../../../src/resilience/circuit-breaker.ts';

const setUp = () => {
  const clock = { ms: 0 };
  return { clock, circuit: makeCircuitBreaker({ openMs: 500, now: () => clock.ms }) };
};

describe('makeCircuitBreaker', () => {
  it('is closed until a call fails', () => {
    const { circuit } = setUp();
    circuit.succeeded();
    expect([circuit.allows(), circuit.allows()]).toEqual([true, true]);
  });

  it('allows no call while it is open', () => {
    const { clock, circuit } = setUp();
    circuit.failed();
    clock.ms = 499;
    expect(circuit.allows()).toBe(false);
  });

  it('allows one trial call per period after that', () => {
    const { clock, circuit } = setUp();
    circuit.failed();
    clock.ms = 500;
    expect([circuit.allows(), circuit.allows()]).toEqual([true, false]);
    clock.ms = 1000;
    expect([circuit.allows(), circuit.allows()]).toEqual([true, false]);
  });

  it('closes when a call succeeds', () => {
    const { circuit } = setUp();
    circuit.failed();
    circuit.succeeded();
    expect([circuit.allows(), circuit.allows()]).toEqual([true, true]);
  });
});
