// Runs on the real event loop: the tests block it.

import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';

import type { Api } from '../../../src/http/api.ts';
import { makeLoadShedding } from '../../../src/http/hooks/load-shedding.ts';
import { eventually } from '../../support/eventually.ts';
import { makeFakeServer } from '../../support/http/fake-deps.ts';

const SAMPLE_MS = 100;
const URL = '/.well-known/jwks.json';

let app: Api;
afterEach(() => app.close());

const arrange = async (limits: { maxEventLoopDelayMs?: number; maxEventLoopUtilizationPercent?: number }) => {
  let shed = 0;
  const shedding = makeLoadShedding({
    maxEventLoopDelayMs: 0,
    maxEventLoopUtilizationPercent: 0,
    ...limits,
    sampleMs: SAMPLE_MS,
    onShed: () => (shed += 1),
  });
  app = await makeFakeServer({ loadShedding: shedding.hooks });
  return { check: shedding.check, shed: () => shed };
};

/** Blocks the event loop for `ms` at a time, yielding once in between, over several samples. */
const blockEventLoop = async (ms: number): Promise<void> => {
  const end = performance.now() + 6 * SAMPLE_MS;
  while (performance.now() < end) {
    const stretch = performance.now() + ms;
    while (performance.now() < stretch);
    await pause(1);
  }
};

describe.each([
  ['delay', { maxEventLoopDelayMs: 30 }],
  ['utilization', { maxEventLoopUtilizationPercent: 80 }],
])('load shedding by event loop %s', (_name, limits) => {
  it('serves requests while the loop is idle', async () => {
    const { check, shed } = await arrange(limits);
    await pause(2 * SAMPLE_MS);

    // a busy machine delays the loop as well
    await eventually(async () => {
      await expect(check.check()).resolves.toBeUndefined();
      const before = shed();
      expect((await app.inject(URL)).statusCode).toBe(200);
      expect(shed()).toBe(before);
    });
  });

  it('rejects requests with 503 and Retry-After while the loop is overloaded, counts them, and is degraded', async () => {
    const { check, shed } = await arrange(limits);
    await blockEventLoop(80);

    const response = await app.inject(URL);

    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('1');
    expect(response.json()).toMatchObject({ code: 'OVERLOADED', type: '/problems/overloaded' });
    expect(shed()).toBe(1);
    expect(check.required).toBe(false);
    await expect(check.check()).rejects.toThrow('the event loop is overloaded');
  });

  it('serves again once the loop has recovered', async () => {
    await arrange(limits);
    await blockEventLoop(80);
    expect((await app.inject(URL)).statusCode).toBe(503);

    await eventually(async () => {
      expect((await app.inject(URL)).statusCode).toBe(200);
    });
  });
});

describe('load shedding without limits', () => {
  it('never rejects', async () => {
    await arrange({});
    await blockEventLoop(80);

    expect((await app.inject(URL)).statusCode).toBe(200);
  });
});
