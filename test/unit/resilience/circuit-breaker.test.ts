import { describe, expect, it } from 'vitest';

import { makeCircuitBreaker } from '../../../src/resilience/circuit-breaker.ts';

const setUp = () => {
  const clock = { ms: 0 };
  return { clock, circuit: makeCircuitBreaker({ pauseMs: 500, now: () => clock.ms }) };
};

describe('makeCircuitBreaker', () => {
  it('admits everything until something fails', () => {
    const { circuit } = setUp();
    circuit.succeeded();
    expect([circuit.admits(), circuit.admits()]).toEqual([true, true]);
  });

  it('admits nothing during the pause after a failure', () => {
    const { clock, circuit } = setUp();
    circuit.failed();
    clock.ms = 499;
    expect(circuit.admits()).toBe(false);
  });

  it('admits one attempt per pause after that', () => {
    const { clock, circuit } = setUp();
    circuit.failed();
    clock.ms = 500;
    expect([circuit.admits(), circuit.admits()]).toEqual([true, false]);
    clock.ms = 1000;
    expect([circuit.admits(), circuit.admits()]).toEqual([true, false]);
  });

  it('admits everything again when an attempt succeeds', () => {
    const { circuit } = setUp();
    circuit.failed();
    circuit.succeeded();
    expect([circuit.admits(), circuit.admits()]).toEqual([true, true]);
  });
});
