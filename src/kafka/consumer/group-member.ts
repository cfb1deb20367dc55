// A place in a consumer group that is taken again whenever it is lost: brokers go away and come back, and consuming goes on where it was.

import { setTimeout as pause } from 'node:timers/promises';

import { MessagingError } from '../../messaging/messaging-error.ts';
import type { Log } from '../../observability/log-fields.ts';
import type { JoinGroup, Membership, MembershipEvents } from './membership.ts';
import { backoffMs } from '../../resilience/backoff.ts';
import { makeWatchdog } from '../../resilience/watchdog.ts';
import { withDeadline } from '../../resilience/deadline.ts';

type Options = Pick<MembershipEvents, 'onRevoked' | 'onMessages'> & {
  readonly group: string;
  readonly join: JoinGroup;
  readonly joinTimeoutMs: number;
  /** A member without a sign of life for so long counts as dead. */
  readonly silenceMs: number;
  readonly logger: Log;
  readonly onCrash: (error: unknown) => void;
};

type End = { readonly error: unknown; readonly fatal: boolean };

const REJOIN = { firstMs: 200, maxMs: 5000 };

export const makeGroupMember = ({ group, join, joinTimeoutMs, logger, onCrash, ...options }: Options) => {
  const closing = new AbortController();
  let membership: Membership | undefined;

  const watchdog = makeWatchdog({
    silenceMs: options.silenceMs,
    bark: () => {
      onCrash(new MessagingError('BROKER_UNAVAILABLE', 'the consumer has gone silent'));
    },
  });

  /** Events of one membership, for as long as it is the current one. */
  const listen = (end: (how: End) => void) => {
    let over = false;
    const events: MembershipEvents = {
      onSign: watchdog.sign,
      onRevoked: () => {
        if (over) return;
        options.onRevoked();
        watchdog.guard();
      },
      onMessages: (partition, messages) => {
        if (!over && !closing.signal.aborted) options.onMessages(partition, messages);
      },
      onEnd: (error, fatal) => {
        end({ error, fatal });
      },
    };
    const stop = (): void => {
      over = true;
      watchdog.rest();
      options.onRevoked();
    };
    return { events, stop };
  };

  /** Joins once; resolves with how the membership ends. */
  const beMember = async (topics: readonly string[], onJoined: () => void): Promise<End> => {
    const { promise: ended, resolve: end } = Promise.withResolvers<End>();
    const { events, stop } = listen(end);
    const joining = join(topics, events);
    try {
      membership = await withDeadline(joinTimeoutMs, joining, closing.signal);
      logger.info({ group }, 'joined the consumer group');
      onJoined();
      return await ended;
    } catch (error) {
      return await Promise.race([ended, Promise.resolve({ error, fatal: false })]); // it may have told more than the rejection says
    } finally {
      membership = undefined;
      stop();
      // also when it is joined after all, later: a member that nobody listens to would keep its partitions
      joining.then((late) => late.leave()).catch(() => undefined);
    }
  };

  const stayMember = async (topics: readonly string[], joined: PromiseWithResolvers<undefined>): Promise<void> => {
    const progress = { isMember: false, failures: 0 };
    const onJoined = (): void => {
      progress.isMember = true;
      progress.failures = 0;
      joined.resolve(undefined);
    };
    for (;;) {
      const { error: err, fatal } = await beMember(topics, onJoined);
      if (closing.signal.aborted) return;
      if (fatal) {
        joined.reject(err);
        if (progress.isMember) onCrash(err);
        return;
      }
      progress.failures += 1;
      const { failures: attempt } = progress;
      const retryInMs = backoffMs(attempt, REJOIN);
      logger.warn({ group, attempt, retryInMs, err }, 'is not in the consumer group and joins it again');
      await pause(retryInMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  };

  return {
    /** Resolves when the group was joined; rejects when that is hopeless or takes too long. Not to be used again then. */
    start: async (topics: readonly string[]): Promise<void> => {
      const joined = Promise.withResolvers<undefined>();
      void stayMember(topics, joined);
      await withDeadline(joinTimeoutMs, joined.promise);
    },
    commit: async (commits: Parameters<Membership['commit']>[0]): Promise<void> => {
      if (membership === undefined) throw new Error('no member of the group at this moment');
      await membership.commit(commits);
    },
    pause: (...[at]: Parameters<Membership['pause']>): void => membership?.pause(at),
    resume: (...[at]: Parameters<Membership['resume']>): void => membership?.resume(at),
    /** From here on no message comes, and a membership that ends is not renewed. */
    close: (): void => {
      closing.abort();
      watchdog.rest();
    },
    leave: async (): Promise<void> => {
      await membership?.leave();
    },
  };
};
