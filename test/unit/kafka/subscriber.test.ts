import { describe, expect, it } from 'vitest';

import type { IncomingMessage } from '../../../src/messaging/subscriber.ts';
import type { KafkaLog } from '../../../src/kafka/connection.ts';
import type { Commit, JoinGroup, MembershipEvents } from '../../../src/kafka/consumer/membership.ts';
import { makeSubscriber } from '../../../src/kafka/consumer/subscriber.ts';
import { eventually } from '../../support/eventually.ts';
import { textMessage } from '../../support/text-message.ts';

const drop = (): void => undefined;
const logger: KafkaLog = { debug: drop, info: drop, warn: drop, error: drop };
const AT = { topic: 'orders', partition: 0 };

const messageOf = (offset: number): IncomingMessage => ({
  ...AT,
  offset: `${offset}`,
  ...textMessage({ key: 'one', value: 'text' }),
  timestamp: 0n,
});

/** A fake consumer group; `memberships` are the callbacks of each membership, in the order of joining. */
const makeFakeGroup = (joinNow: (number: number) => Promise<unknown> = () => Promise.resolve()) => {
  const memberships: MembershipEvents[] = [];
  const committed: Commit[] = [];
  const state = { left: 0, failedCommits: 0 };
  const join: JoinGroup = async (_topics, events) => {
    memberships.push(events);
    await joinNow(memberships.length);
    events.onRevoked();
    return {
      commit: (commits) => {
        if (state.failedCommits > 0) {
          state.failedCommits -= 1;
          return Promise.reject(new Error('the coordinator is loading'));
        }
        committed.push(...commits);
        return Promise.resolve();
      },
      pause: drop,
      resume: drop,
      leave: () => {
        state.left += 1;
        return Promise.resolve();
      },
    };
  };
  return { join, memberships, committed, state };
};

const setUp = (
  group: ReturnType<typeof makeFakeGroup>,
  settings: { silenceMs?: number; joinTimeoutMs?: number; held?: Promise<unknown> } = {},
) => {
  const crashes: unknown[] = [];
  const handled: string[] = [];
  const subscriber = makeSubscriber({
    group: 'workers',
    logger,
    requestTimeoutMs: 1000,
    joinTimeoutMs: 2000,
    ...settings,
    onCrash: (error) => crashes.push(error),
    join: () => group.join,
    openOffsets: () => Promise.reject(new Error('no broker')),
  });
  const handle = async ({ offset }: IncomingMessage): Promise<void> => {
    handled.push(offset);
    await settings.held;
  };
  return { subscriber, crashes, handled, start: () => subscriber.start({ topics: [AT.topic], handle }) };
};

const member = ({ memberships }: ReturnType<typeof makeFakeGroup>, index: number): MembershipEvents => {
  const events = memberships.at(index);
  if (events === undefined) throw new Error(`nobody joined ${index + 1} times`);
  return events;
};

describe('makeSubscriber', () => {
  it('commits the offset after the newest handled message', async () => {
    const group = makeFakeGroup();
    const { subscriber, handled, start } = setUp(group);
    await start();
    member(group, 0).onMessages(AT, [messageOf(7), messageOf(9)]);
    await eventually(() => {
      expect(handled).toEqual(['7', '9']);
    });
    await subscriber.close();
    expect(group.committed.at(-1)).toEqual({ ...AT, offset: '10' });
    expect(group.state.left).toBe(1);
  });

  it('retries a commit that failed', async () => {
    const group = makeFakeGroup();
    group.state.failedCommits = 1;
    const { subscriber, start } = setUp(group);
    await start();
    member(group, 0).onMessages(AT, [messageOf(7)]);
    await eventually(() => {
      expect(group.committed).toEqual([{ ...AT, offset: '8' }]);
    });
    await subscriber.close();
  });

  it('does not commit what was handled under a previous assignment', async () => {
    const group = makeFakeGroup();
    const { subscriber, handled, start } = setUp(group);
    await start();
    member(group, 0).onMessages(AT, [messageOf(7)]);
    await eventually(() => {
      expect(handled).toEqual(['7']);
    });
    member(group, 0).onRevoked();
    await subscriber.close();
    expect(group.committed).toEqual([]);
  });

  it('leaves at once when it is abandoned: commits what was handled, not what is being handled', async () => {
    const group = makeFakeGroup();
    const { promise: held, resolve: release } = Promise.withResolvers<undefined>();
    const { subscriber, handled, start } = setUp(group, { held });
    await start();
    member(group, 0).onMessages(AT, [messageOf(7)]);
    await eventually(() => {
      expect(handled).toEqual(['7']);
    });

    const begin = performance.now();
    await subscriber.close('abandon');

    expect(performance.now() - begin).toBeLessThan(1000);
    expect(group.state.left).toBe(1);
    release(undefined);
    await subscriber.close();
    expect(group.committed).toEqual([]);
  });

  it('is joined from the start until the membership ends, and again after it has rejoined', async () => {
    const { promise: back, resolve: comeBack } = Promise.withResolvers<undefined>();
    const group = makeFakeGroup((number) => (number === 1 ? Promise.resolve() : back));
    const { subscriber, start } = setUp(group);
    const states = [subscriber.isJoined()];
    await start();
    states.push(subscriber.isJoined());
    member(group, 0).onEnd(new Error('the broker went away'), 'lost');
    await eventually(() => {
      expect(group.memberships).toHaveLength(2);
    });
    states.push(subscriber.isJoined());
    comeBack(undefined);
    await eventually(() => {
      expect(subscriber.isJoined()).toBe(true);
    });
    await subscriber.close();
    expect(states).toEqual([false, true, false]);
  });

  it('rejoins when the membership ends, and ignores messages of the old one', async () => {
    const group = makeFakeGroup();
    const { subscriber, crashes, handled, start } = setUp(group);
    await start();
    member(group, 0).onEnd(new Error('the broker went away'), 'lost');
    await eventually(() => {
      expect(group.memberships).toHaveLength(2);
    });
    member(group, 0).onMessages(AT, [messageOf(1)]);
    member(group, 1).onMessages(AT, [messageOf(2)]);
    await eventually(() => {
      expect(handled).toEqual(['2']);
    });
    await subscriber.close();
    expect(crashes).toEqual([]);
    expect(group.state.left).toBe(2);
  });

  it('reports a crash when the membership ends with a fatal error', async () => {
    const group = makeFakeGroup();
    const { subscriber, crashes, start } = setUp(group);
    await start();
    const error = new Error('not authorized');
    member(group, 0).onEnd(error, 'fatal');
    await eventually(() => {
      expect(crashes).toEqual([error]);
    });
    expect(group.memberships).toHaveLength(1);
    await subscriber.close();
  });

  it('joins again when a password that was accepted is not any more: it may be rotating', async () => {
    const group = makeFakeGroup();
    const { subscriber, crashes, start } = setUp(group);
    await start();
    member(group, 0).onEnd(new Error('wrong password'), 'refused');
    await eventually(() => {
      expect(group.memberships).toHaveLength(2);
    });
    await subscriber.close();
    expect(crashes).toEqual([]);
  });

  it('reports a crash when the client sends no heartbeats any more, and not before', async () => {
    const group = makeFakeGroup();
    const { subscriber, crashes, start } = setUp(group, { silenceMs: 150 });
    await start();
    const begin = performance.now();
    await eventually(() => {
      if (performance.now() - begin < 300) member(group, 0).onHeartbeat();
      expect(performance.now() - begin).toBeGreaterThan(300);
      expect(crashes).toHaveLength(1);
    });
    expect(performance.now() - begin).toBeGreaterThan(300 + 100);
    expect(crashes).toMatchObject([{ code: 'BROKER_UNAVAILABLE' }]);
    await subscriber.close();
  });

  it('leaves a group that it joined after the join timeout', async () => {
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const group = makeFakeGroup(() => late);
    const { crashes, start } = setUp(group, { joinTimeoutMs: 50 });
    await expect(start()).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    resolve(undefined);
    await eventually(() => {
      expect(group.state.left).toBe(group.memberships.length);
    });
    expect(crashes).toEqual([]);
  });

  it.each(['fatal', 'refused'] as const)('rejects start when joining ends as %s, and reports no crash', async (why) => {
    const group = makeFakeGroup(() => {
      const error = new Error('not authorized');
      member(group, 0).onEnd(error, why);
      return Promise.reject(error);
    });
    const { crashes, start } = setUp(group);
    await expect(start()).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    expect(group.memberships).toHaveLength(1);
    expect(crashes).toEqual([]);
  });

  it('rejects positions with BROKER_UNAVAILABLE when the broker does not respond', async () => {
    const { subscriber } = setUp(makeFakeGroup());
    await expect(subscriber.positions('orders')).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await subscriber.close();
  });
});
