// The Subscriber port on top of either client library. The library joins and fetches; when a message is handled, when its offset is committed and
// what happens when the membership ends is decided here.

import type { Lag, Subscriber, Subscription } from '../../messaging/subscriber.ts';
import { MessagingError } from '../../messaging/messaging-error.ts';
import { withDeadline } from '../../resilience/deadline.ts';
import { makeRenewable } from '../../resilience/renewable.ts';
import type { KafkaLog } from '../connection.ts';
import { withRootCause } from '../root-cause.ts';
import { makeGroupMember } from './group-member.ts';
import type { GroupOffsets, JoinGroup } from './membership.ts';
import { makeOffsetCommits } from './offset-commits.ts';
import { makePartitionLanes } from './partition-lanes.ts';

export type SubscriberSettings = {
  readonly group: string;
  /** Consuming has ended with a fatal error, or without heartbeats: end the process, so that another one takes over. */
  readonly onCrash: (error: unknown) => void;
  /** For `start`. */
  readonly joinTimeoutMs?: number;
  /** Without heartbeats for this long, the broker reassigns a member's partitions. */
  readonly sessionTimeoutMs?: number;
  /** Without heartbeats for this long, consuming counts as crashed: far longer than the client library needs to notice that a broker is gone. */
  readonly silenceMs?: number;
};

type Options = SubscriberSettings & {
  readonly logger: KafkaLog;
  readonly requestTimeoutMs: number;
  readonly join: (settings: { group: string; sessionTimeoutMs: number }) => JoinGroup;
  readonly openOffsets: () => Promise<GroupOffsets>;
};

/** Joining takes a session when members that are gone, e.g. of before a broker outage, still belong to the group. */
const SESSION_TIMEOUT_MS = 6000;
const JOIN_TIMEOUT_MS = 20_000;
const SILENCE_MS = 90_000;
/** Together less than five seconds. */
const CLOSE = { handlersMs: 3000, commitMs: 750, leaveMs: 1000 };

const settled = (timeoutMs: number, work: Promise<unknown>): Promise<unknown> =>
  withDeadline(timeoutMs, work).catch(() => undefined);

const unavailable = (cause: unknown): MessagingError =>
  new MessagingError('BROKER_UNAVAILABLE', 'the broker did not respond to the consumer in time', {
    cause: withRootCause(cause),
  });

export const makeSubscriber = (options: Options): Subscriber => {
  const { group, logger, requestTimeoutMs, joinTimeoutMs = JOIN_TIMEOUT_MS } = options;
  const { sessionTimeoutMs = SESSION_TIMEOUT_MS } = options;
  const offsets = makeRenewable(options.openOffsets);
  let topics: readonly string[] = [];
  let lanes: ReturnType<typeof makePartitionLanes> | undefined;
  let closed: Promise<void> | undefined;

  const commits = makeOffsetCommits({
    commit: (handled) => withDeadline(requestTimeoutMs, member.commit(handled)),
    onError: (err) => {
      logger.debug({ group, err }, 'offset commit failed, retrying');
    },
  });
  const member = makeGroupMember({
    ...options,
    join: options.join({ group, sessionTimeoutMs }),
    joinTimeoutMs,
    silenceMs: options.silenceMs ?? Math.max(SILENCE_MS, 3 * sessionTimeoutMs),
    onRevoked: () => {
      commits.forget();
      lanes?.reset();
    },
    onMessages: (partition, messages) => lanes?.add(partition, messages),
  });

  const start = async ({ handle, ...subscription }: Subscription): Promise<void> => {
    const onHandled = subscription.commits === false ? () => undefined : commits.add;
    lanes = makePartitionLanes({ handle, onHandled, pause: member.pause, resume: member.resume, logger });
    ({ topics } = subscription);
    try {
      await member.start(topics);
    } catch (error) {
      await close();
      throw unavailable(error);
    }
  };

  const positions: Subscriber['positions'] = (topic) =>
    offsets
      .use(requestTimeoutMs, (client) => client.positions(topic))
      .catch((error: unknown) => {
        throw unavailable(error);
      });
  const lagOf = async (topic: string): Promise<Lag[]> =>
    (await positions(topic)).map(({ partition, next, end }) => ({
      topic,
      partition,
      messages: Number(BigInt(end) - BigInt(next)),
    }));

  const shutDown = async (how: 'finish' | 'abandon'): Promise<void> => {
    member.close();
    if (how === 'abandon') lanes?.reset(); // what is being handled does not count as handled: the next member handles it
    const handlers = lanes?.close() ?? Promise.resolve();
    if (how === 'finish') await settled(CLOSE.handlersMs, handlers);
    await settled(CLOSE.commitMs, commits.flush());
    commits.forget();
    await Promise.all([settled(CLOSE.leaveMs, member.leave()), offsets.close(CLOSE.leaveMs)]);
  };
  const close: Subscriber['close'] = (how = 'finish') => (closed ??= shutDown(how));

  return {
    start,
    isJoined: member.isJoined,
    lag: async () => (await Promise.all(topics.map(lagOf))).flat(),
    positions,
    close,
  };
};
