import { describe, expect, it } from 'vitest';

import type { IncomingMessage } from '../../../src/messaging/subscriber.ts';
import type { Commit, JoinGroup, MembershipEvents } from '../../../src/kafka/consumer/membership.ts';
import { makeSubscriber } from '../../../src/kafka/consumer/subscriber.ts';
import type { Log } from '../../../src/observability/log-fields.ts';
import { eventually } from '../../support/eventually.ts';

const drop = (): void => undefined;
const logger: Log = { debug: drop, info: drop, warn: drop, error: drop, fatal: drop };
const AT = { topic: 'orders', partition: 0 };

const messageOf = (offset: number): IncomingMessage => ({
  ...AT,
  offset: `${offset}`,
  key: 'one',
  value: Buffer.from('text'),
  headers: {},
  timestamp: new Date(0),
});

/** A group of a broker that does what a test says; `memberships` are the events of each, in the order of joining. */
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
  settings: { sessionTimeoutMs?: number; joinTimeoutMs?: number } = {},
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
  const handle = ({ offset }: IncomingMessage): Promise<void> => {
    handled.push(offset);
    return Promise.resolve();
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

  it('commits again what the broker did not take', async () => {
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

  it('does not commit what was handled under an assignment that is over', async () => {
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

  it('joins again when the membership ends, and hears nothing of the old one', async () => {
    const group = makeFakeGroup();
    const { subscriber, crashes, handled, start } = setUp(group);
    await start();
    member(group, 0).onEnd(new Error('the broker went away'), false);
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

  it('tells of a crash when joining again is hopeless', async () => {
    const group = makeFakeGroup();
    const { subscriber, crashes, start } = setUp(group);
    await start();
    const error = new Error('not authorized');
    member(group, 0).onEnd(error, true);
    await eventually(() => {
      expect(crashes).toEqual([error]);
    });
    expect(group.memberships).toHaveLength(1);
    await subscriber.close();
  });

  it('tells of a crash when the client has gone silent, and not while it gives signs of life', async () => {
    const group = makeFakeGroup();
    const { subscriber, crashes, start } = setUp(group, { sessionTimeoutMs: 50 });
    await start();
    const begin = performance.now();
    await eventually(() => {
      if (performance.now() - begin < 300) member(group, 0).onSign();
      expect(performance.now() - begin).toBeGreaterThan(300);
      expect(crashes).toHaveLength(1);
    });
    expect(performance.now() - begin).toBeGreaterThan(300 + 100);
    expect(crashes).toMatchObject([{ code: 'BROKER_UNAVAILABLE' }]);
    await subscriber.close();
  });

  it('leaves a group that it joined after it had given up', async () => {
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

  it('does not start when joining is hopeless, and calls that no crash', async () => {
    const group = makeFakeGroup(() => {
      const error = new Error('not authorized');
      member(group, 0).onEnd(error, true);
      return Promise.reject(error);
    });
    const { crashes, start } = setUp(group);
    await expect(start()).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    expect(group.memberships).toHaveLength(1);
    expect(crashes).toEqual([]);
  });

  it('says that the broker does not answer when it is asked for positions', async () => {
    const { subscriber } = setUp(makeFakeGroup());
    await expect(subscriber.positions('orders')).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
    await subscriber.close();
  });
});
