import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { LifecycleState } from '../../../src/lifecycle/lifecycle.ts';
import { makeReadiness, type Check } from '../../../src/lifecycle/readiness.ts';

type Part = 'up' | 'down' | 'hanging';

const makeParts = (parts: { postgres: Part; redis: Part }, first: LifecycleState = 'ready') => {
  const process = { state: first };
  const statuses: string[] = [];
  const told: string[] = [];
  const changes: [string, boolean][] = [];
  const check =
    (name: 'postgres' | 'redis'): Check['check'] =>
    () => {
      const part = name === 'postgres' ? parts.postgres : parts.redis;
      if (part === 'hanging') return new Promise(() => undefined);
      return part === 'up' ? Promise.resolve() : Promise.reject(new Error(`${name} is down`));
    };
  const readiness = makeReadiness({
    state: () => process.state,
    checks: [
      { name: 'postgres', required: true, check: check('postgres') },
      { name: 'redis', required: false, check: check('redis') },
    ],
    intervalMs: 1000,
    timeoutMs: 2000,
    onChange: (name, up) => changes.push([name, up]),
    onStatus: ({ status }) => statuses.push(status),
  });
  const watcher = { able: () => told.push('able'), unable: () => told.push('unable') };
  return { readiness, parts, changes, process, statuses, told, watcher };
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('readiness', () => {
  it.each([
    ['up', 'up', 'ready', 'ready'],
    ['up', 'down', 'ready', 'degraded'],
    ['up', 'hanging', 'ready', 'degraded'],
    ['down', 'up', 'ready', 'unready'],
    ['hanging', 'up', 'ready', 'unready'],
    ['down', 'down', 'ready', 'unready'],
    ['up', 'up', 'draining', 'unready'],
    ['up', 'up', 'starting', 'unready'],
  ] as const)('with PostgreSQL %s, Redis %s and the process %s is %s', async (postgres, redis, state, expected) => {
    const { readiness } = makeParts({ postgres, redis }, state);

    const started = readiness.start();
    await vi.advanceTimersByTimeAsync(2000);
    await started;

    expect(readiness.report().status).toBe(expected);
    await readiness.close();
  });

  it('is not given before every part was asked', () => {
    const { readiness } = makeParts({ postgres: 'up', redis: 'up' });

    expect(readiness.report().status).toBe('unready');
  });

  it('ends within 5 s when PostgreSQL hangs, and comes back with it', async () => {
    const { readiness, parts } = makeParts({ postgres: 'up', redis: 'up' });
    await readiness.start();

    parts.postgres = 'hanging';
    await vi.advanceTimersByTimeAsync(5000);
    expect(readiness.report()).toMatchObject({
      status: 'unready',
      checks: { postgres: { up: false, required: true } },
    });

    parts.postgres = 'up';
    await vi.advanceTimersByTimeAsync(5000);
    expect(readiness.report().status).toBe('ready');
    await readiness.close();
  });

  it('tells each change once', async () => {
    const { readiness, parts, changes } = makeParts({ postgres: 'up', redis: 'up' });
    await readiness.start();
    await vi.advanceTimersByTimeAsync(3000);
    parts.redis = 'down';
    await vi.advanceTimersByTimeAsync(3000);
    await readiness.close();

    expect(changes).toEqual([
      ['postgres', true],
      ['redis', true],
      ['redis', false],
    ]);
  });

  it('reports the first status after the start, and each change of it once', async () => {
    const { readiness, parts, process, statuses } = makeParts({ postgres: 'down', redis: 'up' }, 'starting');
    await readiness.start();
    expect(statuses).toEqual([]);

    process.state = 'ready';
    await vi.advanceTimersByTimeAsync(3000);
    parts.postgres = 'up';
    await vi.advanceTimersByTimeAsync(3000);
    parts.redis = 'down';
    await vi.advanceTimersByTimeAsync(3000);
    await readiness.close();

    expect(statuses).toEqual(['unready', 'ready', 'degraded']);
  });

  it('is unready while the process does not work, and shows it among the checks', async () => {
    const { readiness } = makeParts({ postgres: 'up', redis: 'up' });
    let isWorking = false;
    readiness.requireWork({ name: 'consumer-group', isWorking: () => isWorking });
    await readiness.start();
    expect(readiness.report()).toMatchObject({ status: 'unready', checks: { 'consumer-group': { up: false } } });

    isWorking = true;
    expect(readiness.report()).toMatchObject({ status: 'ready', checks: { 'consumer-group': { up: true } } });
    await readiness.close();
  });

  it('tells a watcher whether every required dependency is up, whatever the process does itself', async () => {
    const { readiness, parts, told, watcher } = makeParts({ postgres: 'up', redis: 'down' }, 'starting');
    readiness.requireWork({ name: 'consumer-group', isWorking: () => false });
    readiness.watch(watcher);
    expect(told).toEqual(['unable']);

    await readiness.start();
    expect(told.at(-1)).toBe('able');
    parts.postgres = 'down';
    await vi.advanceTimersByTimeAsync(3000);
    await readiness.close();
    expect(told.at(-1)).toBe('unable');
  });

  it('asks nobody any more after it was closed', async () => {
    const { readiness, parts, changes } = makeParts({ postgres: 'up', redis: 'up' });
    await readiness.start();
    await readiness.close();
    parts.redis = 'down';
    await vi.advanceTimersByTimeAsync(3000);

    expect(changes).toHaveLength(2);
  });

  it('is withdrawn by an operator whatever the checks say, tells watchers and the log, and is restored', async () => {
    const { readiness, statuses, told, watcher, parts } = makeParts({ postgres: 'down', redis: 'up' });
    readiness.watch(watcher);
    await readiness.start();
    readiness.withdraw();
    expect(readiness.report()).toMatchObject({ status: 'unready', state: 'ready', reason: 'by operator' });
    expect(statuses).toEqual(['unready', 'unready']); // for another reason

    parts.postgres = 'up';
    await vi.advanceTimersByTimeAsync(2000);
    expect(readiness.report().status).toBe('unready');
    expect(told.at(-1)).toBe('unable');

    readiness.restore();
    expect(readiness.report()).toMatchObject({ status: 'ready' });
    expect(readiness.report()).not.toHaveProperty('reason');
    expect([told.at(-1), statuses.at(-1)]).toEqual(['able', 'ready']);
    await readiness.close();
  });

  it('is restored by itself at the end of the given time, which a restore before it ends', async () => {
    const { readiness } = makeParts({ postgres: 'up', redis: 'up' });
    await readiness.start();
    readiness.withdraw(60_000);
    readiness.restore();
    readiness.withdraw();
    await vi.advanceTimersByTimeAsync(61_000);
    expect(readiness.report().status).toBe('unready');
    readiness.withdraw(60_000);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(readiness.report().status).toBe('unready');
    await vi.advanceTimersByTimeAsync(1000);
    expect(readiness.report().status).toBe('ready');
    await readiness.close();
  });
});
