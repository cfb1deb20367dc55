import { logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';

import { makeKafkajsLog } from '../../../src/kafka/kafkajs/log.ts';
import { makeStaleFetches } from '../../../src/kafka/kafkajs/stale-fetches.ts';
import { nextOffset } from '../../../src/kafka/consumer/next-offset.ts';
import type { Log } from '../../../src/observability/log-fields.ts';

describe('makeStaleFetches', () => {
  const setUp = () => {
    const clock = { ms: 0 };
    return { clock, stale: makeStaleFetches({ longestFetchMs: 1000, now: () => clock.ms }) };
  };

  it('distrusts what comes after an assignment until every broker that was asked before is asked again', () => {
    const { stale } = setUp();
    stale.assigned();
    expect(stale.possible()).toBe(false);
    stale.fetchBegins(1);
    stale.fetchBegins(2);
    expect(stale.possible()).toBe(false);
    stale.assigned();
    stale.fetchBegins(1);
    expect(stale.possible()).toBe(true);
    stale.fetchBegins(2);
    expect(stale.possible()).toBe(false);
  });

  it('does not wait for ever for a broker that is gone', () => {
    const { stale, clock } = setUp();
    stale.fetchBegins(1);
    stale.assigned();
    clock.ms = 999;
    expect(stale.possible()).toBe(true);
    clock.ms = 1000;
    expect(stale.possible()).toBe(false);
  });
});

describe('makeKafkajsLog', () => {
  const linesOf = (level: logLevel, message: string): unknown[] => {
    const lines: unknown[] = [];
    const note = (at: string) => (fields: unknown, text: string) => lines.push([at, text, fields]);
    const levels = ['debug', 'info', 'warn', 'error', 'fatal'];
    const logger = Object.fromEntries(levels.map((at) => [at, note(at)])) as unknown as Log;
    const log = { message, timestamp: '' };
    makeKafkajsLog(logger)(logLevel.WARN)({ namespace: 'Connection', level, label: '', log });
    return lines;
  };

  it('keeps the client’s complaint about what it tries again out of sight', () => {
    const reason = 'Response Heartbeat(key: 12, version: 4)';
    const fields = { dependency: 'kafka', step: 'Connection', reason };
    expect(linesOf(logLevel.ERROR, reason)).toEqual([['debug', 'the Kafka client reports', fields]]);
  });

  it('says what the client has given up', () => {
    const reason = 'Caught error when disconnecting the consumer: no';
    const fields = { dependency: 'kafka', step: 'Connection', reason };
    expect(linesOf(logLevel.ERROR, reason)).toEqual([['error', 'the Kafka client met a fault', fields]]);
  });
});

describe('nextOffset', () => {
  it.each([
    [5n, 0n, 9n, 5n],
    [9n, 0n, 9n, 9n],
    [-1n, 3n, 9n, 3n], // nothing committed
    [2n, 3n, 9n, 3n], // the broker has removed what it was
    [12n, 0n, 9n, 0n], // the topic was made anew
  ])('goes on from %d in a log from %d to %d at %d', (committed, low, high, next) => {
    expect(nextOffset(committed, low, high)).toBe(next);
  });
});
