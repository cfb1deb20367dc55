import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { makeLifecycle } from '../../../src/lifecycle/lifecycle.ts';
import type { Log, LogFields } from '../../../src/observability/log-fields.ts';

type Line = LogFields & { readonly level: string; readonly message: string };

const makeRecordingLog = (lines: Line[]): Log => {
  const at = (level: string) => (fields: LogFields, message: string) => {
    lines.push({ level, message, ...fields });
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), fatal: at('fatal') };
};

const arrange = ({ drainDelayMs = 0, timeoutMs = 1000 } = {}) => {
  const lines: Line[] = [];
  const signals = new EventEmitter();
  const codes: number[] = [];
  const exits = new EventEmitter();
  const exit = (code: number): void => {
    codes.push(code);
    exits.emit('exit', code);
  };
  let rejections = 0;
  const onRejection = (): void => {
    rejections += 1;
  };
  const logger = makeRecordingLog(lines);
  const lifecycle = makeLifecycle({ logger, drainDelayMs, timeoutMs, onRejection, exit, signals });
  lifecycle.listen();
  return { lifecycle, lines, signals, codes, exited: once(exits, 'exit'), rejections: () => rejections };
};

const never = (): Promise<void> => Promise.withResolvers<undefined>().promise;

describe('makeLifecycle', () => {
  it('goes from starting to ready to draining, and never back', async () => {
    const { lifecycle, signals, exited } = arrange();
    const states = [lifecycle.state()];
    lifecycle.ready();
    states.push(lifecycle.state());
    signals.emit('SIGTERM');
    lifecycle.ready();
    states.push(lifecycle.state());
    await exited;
    expect(states).toEqual(['starting', 'ready', 'draining']);
  });

  it.each(['SIGTERM', 'SIGINT'])('closes parts in reverse order and exits with 0 on %s', async (signal) => {
    const { lifecycle, lines, signals, codes, exited } = arrange();
    const closed: string[] = [];
    for (const name of ['logs', 'pool', 'server'])
      lifecycle.add(name, () => {
        closed.push(name);
      });
    signals.emit(signal);
    await exited;
    expect(closed).toEqual(['server', 'pool', 'logs']);
    expect(codes).toEqual([0]);
    expect(lines[0]).toMatchObject({ level: 'info', message: 'shutting down', reason: signal });
    expect(lines.slice(1).map(({ step }) => step)).toEqual(closed);
  });

  it('waits for the drain delay before it closes anything, when it was ready', async () => {
    const { lifecycle, signals, exited } = arrange({ drainDelayMs: 60 });
    let closedAt = 0;
    lifecycle.add('server', () => {
      closedAt = performance.now();
    });
    lifecycle.ready();
    const start = performance.now();
    signals.emit('SIGTERM');
    await exited;
    expect(closedAt - start).toBeGreaterThanOrEqual(55);
  });

  it('skips the drain delay when it was never ready', async () => {
    const { signals, codes, exited } = arrange({ drainDelayMs: 60_000 });
    signals.emit('SIGTERM');
    await exited;
    expect(codes).toEqual([0]);
  });

  it('waits for each step before the next', async () => {
    const { lifecycle, signals, exited } = arrange();
    const order: string[] = [];
    const slow = Promise.withResolvers<undefined>();
    lifecycle.add('pool', () => {
      order.push('pool');
    });
    lifecycle.add('server', async () => {
      await slow.promise;
      order.push('server');
    });
    signals.emit('SIGTERM');
    await Promise.resolve();
    expect(order).toEqual([]);
    slow.resolve(undefined);
    await exited;
    expect(order).toEqual(['server', 'pool']);
  });

  it('closes the rest when one step fails, logs the error and exits with 1', async () => {
    const { lifecycle, lines, signals, codes, exited } = arrange();
    const failure = new Error('the pool is stuck');
    let closed = false;
    lifecycle.add('logs', () => {
      closed = true;
    });
    lifecycle.add('pool', () => Promise.reject(failure));
    signals.emit('SIGTERM');
    await exited;
    expect(closed).toBe(true);
    expect(codes).toEqual([1]);
    expect(lines).toContainEqual({ level: 'error', message: 'close failed', step: 'pool', err: failure });
  });

  it('logs the step that hangs when the deadline has passed, and exits with 1', async () => {
    const { lifecycle, lines, signals, codes, exited } = arrange({ timeoutMs: 30 });
    lifecycle.add('pool', () => undefined);
    lifecycle.add('server', never);
    signals.emit('SIGTERM');
    await exited;
    expect(codes).toEqual([1]);
    expect(lines.at(-1)).toMatchObject({ level: 'fatal', message: 'shutdown timed out', step: 'server' });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('exits at once on a second signal: %s with %i', async (second, code) => {
    const { lifecycle, signals, codes, exited } = arrange();
    lifecycle.add('server', never);
    signals.emit('SIGTERM');
    signals.emit(second);
    await exited;
    expect(codes).toEqual([code]);
  });

  it('logs an exception that no code caught, closes everything and exits with 1', async () => {
    const { lifecycle, lines, signals, codes, exited } = arrange();
    const err = new Error('unexpected', { cause: new Error('deeper') });
    let closed = false;
    lifecycle.add('pool', () => {
      closed = true;
    });
    signals.emit('uncaughtException', err);
    await exited;
    expect(lines[0]).toEqual({ level: 'fatal', message: 'unexpected error', err });
    expect([closed, codes]).toEqual([true, [1]]);
  });

  it('logs and counts a rejection that no code handled, and goes on', () => {
    const { lifecycle, lines, signals, codes, rejections } = arrange();
    lifecycle.ready();
    const err = new Error('nobody waits');
    signals.emit('unhandledRejection', err);
    expect(lines).toEqual([{ level: 'error', message: 'unhandled rejection', err }]);
    expect([lifecycle.state(), codes, rejections()]).toEqual(['ready', [], 1]);
  });

  it('exits with 1 when an unexpected error occurs while it closes', async () => {
    const { lifecycle, signals, codes, exited } = arrange();
    lifecycle.add('server', () => {
      signals.emit('uncaughtException', new Error('late'));
    });
    signals.emit('SIGTERM');
    await exited;
    expect(codes).toEqual([1]);
  });

  it('closes once, however often shutDown is called', async () => {
    const { lifecycle, codes } = arrange();
    let closed = 0;
    lifecycle.add('pool', () => {
      closed += 1;
    });
    await Promise.all([lifecycle.shutDown('first'), lifecycle.shutDown('second', 3)]);
    expect([closed, codes]).toEqual([1, [3]]);
  });
});
