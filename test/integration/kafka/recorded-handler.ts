import { expect } from 'vitest';

import type { IncomingMessage } from '../../../src/messaging/subscriber.ts';
import { eventually } from '../../support/eventually.ts';
import { textOf } from './arrange.ts';

/** A handler that records its messages, and waits or rejects on request. */
export const makeRecordedHandler = () => {
  const begun: IncomingMessage[] = [];
  const handled: IncomingMessage[] = [];
  const gates = new Map<string, Promise<unknown>>();
  const rejections = new Map<string, number>();
  const running = new Map<string, number>();
  let mostAtOnce = 0;

  const handle = async (message: IncomingMessage): Promise<void> => {
    const [text, lane] = [textOf(message), `${message.topic}/${message.partition}`];
    begun.push(message);
    running.set(lane, (running.get(lane) ?? 0) + 1);
    mostAtOnce = Math.max(mostAtOnce, ...running.values());
    try {
      await gates.get(text);
      const left = rejections.get(text) ?? 0;
      rejections.set(text, left - 1);
      if (left > 0) throw new Error('rejected by the test');
      handled.push(message);
    } finally {
      running.set(lane, (running.get(lane) ?? 1) - 1);
    }
  };

  return {
    handle,
    begun,
    handled,
    /** Maximum number of concurrent handlers of one partition. */
    mostAtOnce: () => mostAtOnce,
    /** Messages with this text wait until the returned function is called. */
    hold: (text: string): (() => void) => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      gates.set(text, promise);
      return () => {
        gates.delete(text);
        resolve(undefined);
      };
    },
    reject: (text: string, times: number): void => {
      rejections.set(text, times);
    },
    hasBegun: (text: string): Promise<void> =>
      eventually(
        () => {
          expect(begun.map(textOf)).toContain(text);
        },
        { deadlineMs: 10_000 },
      ),
    /** Resolves when each of these was handled, possibly with others. */
    hasHandled: (texts: readonly string[]): Promise<void> =>
      eventually(
        () => {
          const seen = new Set(handled.map(textOf));
          expect(texts.filter((text) => !seen.has(text))).toEqual([]);
        },
        { deadlineMs: 20_000 },
      ),
  };
};

export type RecordedHandler = ReturnType<typeof makeRecordedHandler>;
