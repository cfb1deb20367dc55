import { logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';

import type { KafkaLog } from '../../../src/kafka/connection.ts';
import { nextOffset } from '../../../src/kafka/consumer/membership.ts';
import { makeKafkajsLog } from '../../../src/kafka/kafkajs/client.ts';
import { makeStaleFetches } from '../../../src/kafka/kafkajs/stale-fetches.ts';

describe('makeStaleFetches', () => {
  const setUp = () => {
    const clock = { ms: 0 };
    return { clock, stale: makeStaleFetches({ longestFetchMs: 1000, now: () => clock.ms }) };
  };

  it('drops messages after an assignment until every broker with a pending fetch is fetched from again', () => {
    const { stale } = setUp();
    stale.assigned();
    expect(stale.possible()).toBe(false);
    stale.fetchStarted(1);
    stale.fetchStarted(2);
    expect(stale.possible()).toBe(false);
    stale.assigned();
    stale.fetchStarted(1);
    expect(stale.possible()).toBe(true);
    stale.fetchStarted(2);
    expect(stale.possible()).toBe(false);
  });

  it('stops waiting for a broker that is gone after the longest fetch', () => {
    const { stale, clock } = setUp();
    stale.fetchStarted(1);
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
    const note =
      (at: string) =>
      (fields: unknown, text: string): void => {
        lines.push([at, text, fields]);
      };
    const logger: KafkaLog = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
    const log = { message, timestamp: '' };
    makeKafkajsLog(logger)(logLevel.WARN)({ namespace: 'Connection', level, label: '', log });
    return lines;
  };

  it('logs errors that the client retries at level debug', () => {
    const reason = 'Response Heartbeat(key: 12, version: 4)';
    const fields = { dependency: 'kafka', step: 'Connection', reason };
    expect(linesOf(logLevel.ERROR, reason)).toEqual([['debug', 'kafka client message', fields]]);
  });

  it('logs errors that the client gives up on at level error', () => {
    const reason = 'Caught error when disconnecting the consumer: no';
    const fields = { dependency: 'kafka', step: 'Connection', reason };
    expect(linesOf(logLevel.ERROR, reason)).toEqual([['error', 'kafka client error', fields]]);
  });
});

describe('nextOffset', () => {
  it.each([
    [5n, 0n, 9n, 5n],
    [9n, 0n, 9n, 9n],
    [-1n, 3n, 9n, 3n], // nothing committed
    [2n, 3n, 9n, 3n], // the broker has deleted the committed offset
    [12n, 0n, 9n, 0n], // the topic was created again
  ])('continues from %d in a log from %d to %d at %d', (committed, low, high, next) => {
    expect(nextOffset(committed, low, high)).toBe(next);
  });
});
