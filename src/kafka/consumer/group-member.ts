// A member of a consumer group that rejoins whenever its membership is lost: after a broker outage consuming continues where it was.

import { setTimeout as pause } from 'node:timers/promises';

import { MessagingError } from '../../messaging/messaging-error.ts';
import { makeBackoff } from '../../resilience/backoff.ts';
import { withDeadline } from '../../resilience/deadline.ts';
import { makeWatchdog } from '../../resilience/watchdog.ts';
import type { KafkaLog } from '../connection.ts';
import { withRootCause } from '../root-cause.ts';
import type { JoinGroup, Membership, MembershipEnd, MembershipEvents } from './membership.ts';

type Options = Pick<MembershipEvents, 'onRevoked' | 'onMessages'> & {
  readonly group: string;
  readonly join: JoinGroup;
  readonly joinTimeoutMs: number;
  /** A member without a heartbeat for this long counts as dead. */
  readonly silenceMs: number;
  readonly logger: KafkaLog;
  readonly onCrash: (error: unknown) => void;
};

type End = { readonly error: unknown; readonly why: MembershipEnd };

/** At most a second, so that a broker that is back is found at once. */
const REJOIN = { firstMs: 200, maxMs: 1000 };

export const makeGroupMember = ({ group, join, joinTimeoutMs, logger, onCrash, ...options }: Options) => {
  const closing = new AbortController();
  let membership: Membership | undefined;

  const watchdog = makeWatchdog({
    silenceMs: options.silenceMs,
    onSilence: () => {
      onCrash(new MessagingError('BROKER_UNAVAILABLE', 'the consumer sends no heartbeats any more'));
    },
  });

  /** Passes on the events of one membership as long as it is the current one. */
  const listen = (end: (how: End) => void) => {
    let ended = false;
    const events: MembershipEvents = {
      onHeartbeat: watchdog.heartbeat,
      onRevoked: () => {
        if (ended) return;
        options.onRevoked();
        watchdog.start();
      },
      onMessages: (partition, messages) => {
        if (!ended && !closing.signal.aborted) options.onMessages(partition, messages);
      },
      onEnd: (error, why) => {
        end({ error, why });
      },
    };
    const stop = (): void => {
      ended = true;
      watchdog.stop();
      options.onRevoked();
    };
    return { events, stop };
  };

  /** Resolves when the membership ends, with the reason. */
  const joinOnce = async (topics: readonly string[], onJoined: () => void): Promise<End> => {
    const { promise: ended, resolve: end } = Promise.withResolvers<End>();
    const { events, stop } = listen(end);
    const joining = join(topics, events);
    try {
      membership = await withDeadline(joinTimeoutMs, joining, closing.signal);
      logger.info({ group }, 'joined the consumer group');
      onJoined();
      return await ended;
    } catch (error) {
      return await Promise.race([ended, Promise.resolve({ error, why: 'lost' as const })]); // `onEnd` may know more than the rejection
    } finally {
      membership = undefined;
      stop();
      // also when it joins after the deadline: a member that nobody listens to would keep its partitions
      joining.then((late) => late.leave()).catch(() => undefined);
    }
  };

  const keepJoined = async (topics: readonly string[], joined: PromiseWithResolvers<undefined>): Promise<void> => {
    const progress = { isMember: false };
    const backoff = makeBackoff(REJOIN);
    const onJoined = (): void => {
      progress.isMember = true;
      backoff.reset();
      joined.resolve(undefined);
    };
    for (;;) {
      const { error, why } = await joinOnce(topics, onJoined);
      if (closing.signal.aborted) return;
      // a member was let in before: its password is being rotated, and its file follows
      if (why === 'fatal' || (why === 'refused' && !progress.isMember)) {
        joined.reject(error);
        if (progress.isMember) onCrash(error);
        return;
      }
      const { attempt, retryInMs } = backoff.next();
      const err = new MessagingError('BROKER_UNAVAILABLE', 'The group could not be joined.', {
        cause: withRootCause(error),
      });
      logger.warn({ group, attempt, retryInMs, err }, 'consumer group membership lost, rejoining');
      await pause(retryInMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  };

  return {
    /** Resolves when the group was joined; rejects after a fatal error or when joining takes too long. Do not use the member after that. */
    start: async (topics: readonly string[]): Promise<void> => {
      const joined = Promise.withResolvers<undefined>();
      void keepJoined(topics, joined);
      await withDeadline(joinTimeoutMs, joined.promise);
    },
    isJoined: (): boolean => membership !== undefined,
    commit: async (commits: Parameters<Membership['commit']>[0]): Promise<void> => {
      if (membership === undefined) throw new Error('not a member of the group at this moment');
      await membership.commit(commits);
    },
    pause: (...[at]: Parameters<Membership['pause']>): void => membership?.pause(at),
    resume: (...[at]: Parameters<Membership['resume']>): void => membership?.resume(at),
    /** Delivers no further message, and does not rejoin. */
    close: (): void => {
      closing.abort();
      watchdog.stop();
    },
    leave: async (): Promise<void> => {
      await membership?.leave();
    },
  };
};
