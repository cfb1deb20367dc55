import { describe, expect, it } from 'vitest';

import { makeRedrive, type Outcome, type RedriveOptions } from '../../../src/consumers/redrive.ts';
import type { DeadLetter } from '../../../src/consumers/dead-letter.ts';
import type { IncomingMessage, Subscriber } from '../../../src/messaging/subscriber.ts';
import { makeMemoryBus } from '../../../src/embedded/memory/bus.ts';
import { MessagingError } from '../../../src/messaging/messaging-error.ts';
import type { OutgoingMessage, Publisher } from '../../../src/messaging/publisher.ts';
import { eventually } from '../../support/eventually.ts';
import { aMessage, makeFakePublisher, TRACE_ID, TRACEPARENT } from '../../support/fakes/consuming.ts';
import { headerTexts, keyText, textMessage, textsOf } from '../../support/text-message.ts';

const TOPIC = 'user-service.orders.v1';
const DLQ = `${TOPIC}.dlq`;

const aDeadLetter = (name: string, headers: Record<string, string> = {}): OutgoingMessage =>
  textMessage({
    key: name,
    value: `bytes of ${name}`,
    headers: {
      'event-id': name,
      traceparent: TRACEPARENT,
      'dlq-topic': TOPIC,
      'dlq-partition': '1',
      'dlq-offset': '7',
      'dlq-error': 'TypeError',
      'dlq-trace-id': TRACE_ID,
      ...headers,
    },
  });

/** Ten dead letters by name, spread over the partitions. */
const tenDeadLetters = (): OutgoingMessage[] => Array.from({ length: 10 }, (_, n) => aDeadLetter(`dead-letter-${n}`));

const arrange = async (deadLetters: readonly OutgoingMessage[], { partitions = 3 } = {}) => {
  const bus = makeMemoryBus({
    partitions,
    backoff: () => ({ next: () => ({ retryInMs: 1 }), reset: () => undefined }),
  });
  const broker = bus.makePublisher();
  await broker.publish(DLQ, deadLetters);
  const group = (): Subscriber => bus.makeSubscriber('worker-redrive');

  /** The current messages of `topic`. */
  const read = async (topic: string): Promise<IncomingMessage[]> => {
    const found: IncomingMessage[] = [];
    const reader = bus.makeSubscriber('reader');
    const ends = (await reader.positions(topic)).map(({ end }) => Number(end));
    await reader.start({
      topics: [topic],
      commits: false,
      handle: (message) => {
        found.push(message);
        return Promise.resolve();
      },
    });
    await eventually(() => {
      expect(found).toHaveLength(ends.reduce((sum, end) => sum + end, 0));
    });
    await reader.close();
    return found;
  };

  const run = async (options: Partial<RedriveOptions> = {}, publisher: Pick<Publisher, 'publish'> = broker) => {
    const seen: [DeadLetter, Outcome][] = [];
    const redrive = makeRedrive({ subscriber: group(), publisher, idleMs: 5000 });
    const report = await redrive({
      topic: TOPIC,
      dryRun: false,
      discard: false,
      signal: new AbortController().signal,
      onDeadLetter: (deadLetter, outcome) => seen.push([deadLetter, outcome]),
      ...options,
    });
    return { report, seen };
  };

  return { broker, group, read, run };
};

const names = (messages: readonly IncomingMessage[]): string[] =>
  messages.map(keyText).sort((a, b) => a.localeCompare(b));
const NAMES = tenDeadLetters().map(keyText);

describe('a redrive', () => {
  it('publishes each dead letter to its original topic with its key, value and headers, and counts the redrives', async () => {
    const { read, run } = await arrange([aDeadLetter('a'), aDeadLetter('b', { 'dlq-redriven': '2' })], {
      partitions: 1,
    });

    const { report } = await run();

    expect(report).toEqual({ waiting: 2, redriven: 2, discarded: 0, kept: 0, left: 0 });
    expect((await read(TOPIC)).map(textsOf)).toMatchObject([
      { key: 'a', value: Buffer.from('bytes of a') },
      { key: 'b', value: Buffer.from('bytes of b') },
    ]);
    expect((await read(TOPIC)).map(headerTexts)).toEqual([
      { 'event-id': 'a', traceparent: TRACEPARENT, 'dlq-redriven': '1' },
      { 'event-id': 'b', traceparent: TRACEPARENT, 'dlq-redriven': '3' },
    ]);
  });

  it('redrives the dead letters of all partitions, and each only once', async () => {
    const { read, run } = await arrange(tenDeadLetters());

    const reports = [await run(), await run()].map(({ report }) => report);

    expect(reports).toMatchObject([
      { waiting: 10, redriven: 10 },
      { waiting: 0, redriven: 0 },
    ]);
    expect(names(await read(TOPIC))).toEqual(NAMES);
  });

  it('ends at the end of the topic when it started, although each message fails again', async () => {
    const { broker, run } = await arrange(tenDeadLetters());
    const failingAgain: Pick<Publisher, 'publish'> = {
      publish: async (topic, messages) => {
        await broker.publish(topic, messages);
        await broker.publish(
          DLQ,
          messages.map((message) => ({ ...message, headers: [...message.headers, ...aDeadLetter('').headers] })),
        );
      },
    };

    const first = await run({}, failingAgain);
    const second = await run();

    expect([first.report, second.report]).toMatchObject([
      { waiting: 10, redriven: 10 },
      { waiting: 10, redriven: 10 },
    ]);
  });

  it('only reports what it would do in a dry run', async () => {
    const { group, read, run } = await arrange(tenDeadLetters());
    const before = await group().positions(DLQ);

    const { report, seen } = await run({ dryRun: true });

    expect(report).toEqual({ waiting: 10, redriven: 10, discarded: 0, kept: 0, left: 0 });
    expect(seen[0]).toEqual([
      { topic: TOPIC, partition: '1', offset: '7', error: 'TypeError', traceId: TRACE_ID, whole: true },
      'redriven',
    ]);
    expect(await read(TOPIC)).toEqual([]);
    expect(await group().positions(DLQ)).toEqual(before);
  });

  it('stops at the limit, and the next redrive continues from there', async () => {
    const { read, run } = await arrange(tenDeadLetters());

    const reports = [await run({ limit: 4 }), await run({ limit: 4 }), await run({ limit: 4 })];

    expect(reports.map(({ report }) => [report.waiting, report.redriven])).toEqual([
      [10, 4],
      [6, 4],
      [2, 2],
    ]);
    expect(names(await read(TOPIC))).toEqual(NAMES);
  });

  it('keeps dead letters with another error for a later redrive', async () => {
    const deadLetters = tenDeadLetters().map((deadLetter, n) =>
      n % 2 ? aDeadLetter(keyText(deadLetter), { 'dlq-error': 'EVENT_FORBIDDEN' }) : deadLetter,
    );
    const { read, run } = await arrange(deadLetters);

    const chosen = await run({ error: 'EVENT_FORBIDDEN' });
    const afterwards = names(await read(TOPIC));
    const rest = await run();

    expect(chosen.report).toEqual({ waiting: 10, redriven: 5, discarded: 0, kept: 5, left: 0 });
    expect(afterwards).toEqual(NAMES.filter((_, n) => n % 2));
    expect(rest.report).toEqual({ waiting: 5, redriven: 5, discarded: 0, kept: 0, left: 0 });
    expect(names(await read(TOPIC))).toEqual(NAMES);
  });

  it('discards dead letters with the given error: publishes none of them, keeps the others, and never reads them again', async () => {
    const deadLetters = tenDeadLetters().map((deadLetter, n) =>
      n % 2 ? aDeadLetter(keyText(deadLetter), { 'dlq-error': 'MESSAGE_UNREADABLE' }) : deadLetter,
    );
    const { read, run } = await arrange(deadLetters);

    const discarded = await run({ error: 'MESSAGE_UNREADABLE', discard: true });
    const afterwards = await read(TOPIC);
    const rest = await run();

    expect(discarded.report).toEqual({ waiting: 10, redriven: 0, discarded: 5, kept: 5, left: 0 });
    expect(afterwards).toEqual([]);
    expect(rest.report).toMatchObject({ waiting: 5, redriven: 5 });
    expect(names(await read(TOPIC))).toEqual(NAMES.filter((_, n) => n % 2 === 0));
  });

  it('discards nothing in a dry run, and stops at the limit', async () => {
    const { run } = await arrange(tenDeadLetters());
    const discard = { error: 'TypeError', discard: true };

    const reports = [await run({ ...discard, dryRun: true }), await run({ ...discard, limit: 4 }), await run(discard)];

    expect(reports.map(({ report }) => [report.waiting, report.discarded])).toEqual([
      [10, 10],
      [10, 4],
      [6, 6],
    ]);
  });

  it('leaves dead letters without a value, those of another topic, and messages that are no dead letters', async () => {
    const { read, run } = await arrange([
      aDeadLetter('a', { 'dlq-value-dropped': 'true' }),
      aDeadLetter('b', { 'dlq-topic': 'somewhere.else' }),
      textMessage({ key: 'c', value: '?' }),
      aDeadLetter('d'),
    ]);

    const { report } = await run();

    expect(report).toEqual({ waiting: 4, redriven: 1, discarded: 0, kept: 0, left: 3 });
    expect(names(await read(TOPIC))).toEqual(['d']);
    expect(await read('somewhere.else')).toEqual([]);
  });

  it('leaves a dead letter that the broker will never accept, and continues', async () => {
    const { broker, run } = await arrange([aDeadLetter('a'), aDeadLetter('b')]);
    const picky: Pick<Publisher, 'publish'> = {
      publish: (topic, messages) =>
        messages.some((message) => keyText(message) === 'a')
          ? Promise.reject(new MessagingError('MESSAGE_REFUSED', 'Too large.'))
          : broker.publish(topic, messages),
    };

    const { report } = await run({}, picky);

    expect(report).toEqual({ waiting: 2, redriven: 1, discarded: 0, kept: 0, left: 1 });
  });

  it('ends between two dead letters when it is aborted, and loses none', async () => {
    const { read, run } = await arrange(tenDeadLetters());
    const stop = new AbortController();
    let count = 0;

    const first = await run({
      signal: stop.signal,
      onDeadLetter: () => {
        count += 1;
        if (count === 3) stop.abort();
      },
    });
    const second = await run();

    expect([first.report.redriven, second.report.redriven]).toEqual([3, 7]);
    expect(names(await read(TOPIC))).toEqual(NAMES);
  });

  it('does nothing when it was aborted before it started', async () => {
    const { run } = await arrange(tenDeadLetters());

    const { report } = await run({ signal: AbortSignal.abort() });

    expect(report).toMatchObject({ waiting: 10, redriven: 0 });
  });
});

describe('a dead letter that is delivered twice', () => {
  it('is redriven and counted once', async () => {
    const { published, publisher } = makeFakePublisher();
    const deadLetters = ['a', 'b'].map((name, offset) =>
      aMessage({ ...aDeadLetter(name), topic: DLQ, partition: 0, offset: String(offset) }),
    );
    const [first, second] = deadLetters;
    const subscriber: Pick<Subscriber, 'positions' | 'start' | 'close'> = {
      positions: () => Promise.resolve([{ partition: 0, next: '0', end: '2' }]),
      start: async ({ handle }) => {
        for (const message of [first, first, second]) if (message) await handle(message);
      },
      close: () => Promise.resolve(),
    };
    const { signal } = new AbortController();

    const report = await makeRedrive({ subscriber, publisher, idleMs: 5000 })({
      topic: TOPIC,
      dryRun: false,
      discard: false,
      signal,
      onDeadLetter: () => undefined,
    });

    expect(report).toMatchObject({ waiting: 2, redriven: 2 });
    expect(published.map(keyText)).toEqual(['a', 'b']);
  });
});

describe('a redrive that fails', () => {
  it('rejects an absent topic', async () => {
    const { run } = await arrange([]);

    await expect(run({ topic: 'absent' })).rejects.toMatchObject({ code: 'TOPIC_ABSENT' });
  });

  it('ends when the broker is down, and keeps the dead letter that was not acknowledged', async () => {
    const { broker, read, run } = await arrange(tenDeadLetters());
    const down = new MessagingError('BROKER_UNAVAILABLE', 'No response.');
    let acknowledged = 0;
    const failing: Pick<Publisher, 'publish'> = {
      publish: async (topic, messages) => {
        if (acknowledged === 4) throw down;
        acknowledged += 1;
        await broker.publish(topic, messages);
      },
    };

    await expect(run({}, failing)).rejects.toBe(down);
    const { report } = await run();

    expect(report).toMatchObject({ waiting: 6, redriven: 6 });
    expect(names(await read(TOPIC))).toEqual(NAMES);
  });

  it('ends when dead letters are not delivered in time', async () => {
    let closed = 0;
    const subscriber = {
      positions: () => Promise.resolve([{ partition: 0, next: '0', end: '1' }]),
      start: () => Promise.resolve(),
      close: () => {
        closed += 1;
        return Promise.resolve();
      },
    };
    const redrive = makeRedrive({ subscriber, publisher: { publish: () => Promise.resolve() }, idleMs: 1 });
    const { signal } = new AbortController();

    const ending = redrive({ topic: TOPIC, dryRun: false, discard: false, signal, onDeadLetter: () => undefined });

    await expect(ending).rejects.toMatchObject({ code: 'MESSAGES_MISSING' });
    expect(closed).toBe(1);
  });

  it('closes its subscriber when the broker does not respond', async () => {
    let closed = 0;
    const down = new MessagingError('BROKER_UNAVAILABLE', 'No response.');
    const subscriber = {
      positions: () => Promise.reject(down),
      start: () => Promise.resolve(),
      close: () => {
        closed += 1;
        return Promise.resolve();
      },
    };
    const redrive = makeRedrive({ subscriber, publisher: { publish: () => Promise.resolve() }, idleMs: 1 });
    const { signal } = new AbortController();

    await expect(
      redrive({ topic: TOPIC, dryRun: false, discard: false, signal, onDeadLetter: () => undefined }),
    ).rejects.toBe(down);

    expect(closed).toBe(1);
  });
});
