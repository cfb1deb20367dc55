// The worker's membership of its consumer group, as work that it takes and gives back.

import { setTimeout as pause } from 'node:timers/promises';

import type { Work } from '../lifecycle/while-able.ts';
import type { Subscriber, Subscription } from '../messaging/subscriber.ts';
import type { Log } from '../observability/log-fields.ts';
import { makeBackoff } from '../resilience/backoff.ts';

type Options = {
  /** Called for each attempt to join. */
  readonly makeSubscriber: () => Subscriber;
  readonly subscription: Subscription;
  readonly group: string;
  readonly logger: Pick<Log, 'info' | 'warn'>;
};

const REJOIN = { firstMs: 100, maxMs: 1000 };

export const makeMember = ({ makeSubscriber, subscription, group, logger }: Options) => {
  let current: Subscriber | undefined;

  /** Tries with a new subscriber each time, however long it takes. Rejects when `leaving` is aborted. */
  const join = async (leaving: AbortSignal): Promise<void> => {
    const backoff = makeBackoff(REJOIN);
    for (;;) {
      current = makeSubscriber();
      try {
        await current.start(subscription);
        return;
      } catch (err) {
        leaving.throwIfAborted();
        const { attempt, retryInMs } = backoff.next();
        logger.warn({ err, group, attempt, retryInMs }, 'joining the consumer group failed, retrying');
        await pause(retryInMs, undefined, { signal: leaving });
      }
    }
  };

  return {
    isJoined: (): boolean => current?.isJoined() ?? false,
    start: (): Work => {
      const leaving = new AbortController();
      join(leaving.signal).catch(() => undefined);
      const leave = async (how: 'finish' | 'abandon'): Promise<void> => {
        leaving.abort();
        await current?.close(how);
        logger.info({ group }, 'left the consumer group');
      };
      return { close: () => leave('finish'), abandon: () => leave('abandon') };
    },
  };
};
