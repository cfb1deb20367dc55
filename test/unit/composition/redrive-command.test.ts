import { describe, expect, it } from 'vitest';

import {
  makeProgress,
  readRedriveCommand,
  summarize,
  type DeadLettersCommand,
} from '../../../src/composition/redrive-command.ts';

const TOPIC = 'user-service.orders.v1';
const command: DeadLettersCommand = {
  kind: 'dead-letters',
  topic: TOPIC,
  dryRun: false,
  limit: undefined,
  error: undefined,
  discard: false,
};
const deadLetter = { topic: TOPIC, partition: '2', offset: '41', error: 'TypeError', traceId: 'abc', whole: true };
const aReport = (redriven: number, { waiting = 100, discarded = 0, kept = 0, left = 0 } = {}) => ({
  waiting,
  redriven,
  discarded,
  kept,
  left,
});

const makeScreen = (isTerminal: boolean) => {
  const written: string[] = [];
  return { written, screen: { isTerminal, write: (text: string) => written.push(text) } };
};

describe('the command line of redrive', () => {
  it('reads the topic and its options', () => {
    const args = ['--topic', TOPIC, '--dry-run', '--limit', '5', '--error', 'EVENT_FORBIDDEN'];

    expect(readRedriveCommand(args)).toEqual({ ...command, dryRun: true, limit: 5, error: 'EVENT_FORBIDDEN' });
    expect(readRedriveCommand(['--topic', TOPIC])).toEqual(command);
  });

  it('reads --discard', () => {
    const args = ['--topic', TOPIC, '--error', 'MESSAGE_UNREADABLE', '--discard'];

    expect(readRedriveCommand(args)).toEqual({ ...command, error: 'MESSAGE_UNREADABLE', discard: true });
  });

  it('reads --outbox', () => {
    expect(readRedriveCommand(['--outbox'])).toEqual({ kind: 'outbox' });
  });

  it.each([
    [[], 'missing option --topic'],
    [['--topic', ''], 'missing option --topic'],
    [['--topic', `${TOPIC}.dlq`], '--topic takes the original topic, without .dlq'],
    [['--topic', TOPIC, '--limit', '0'], 'invalid value "0" for --limit'],
    [['--topic', TOPIC, '--limit', 'all'], 'invalid value "all" for --limit'],
    [['--topic', TOPIC, '--discard'], '--discard needs --error'],
    [['--outbox', '--dry-run'], '--outbox takes no other option'],
    [['--tipoc', TOPIC], `Unknown option '--tipoc'`],
    [[TOPIC], `unexpected argument "${TOPIC}"`],
  ])('rejects %j', (args, sentence) => {
    expect(() => readRedriveCommand(args)).toThrow(sentence);
  });
});

describe('the output of redrive', () => {
  it('draws a bar on a terminal', () => {
    const { written, screen } = makeScreen(true);
    const progress = makeProgress(screen, command);

    progress.onDeadLetter(deadLetter, 'redriven', aReport(50));
    progress.end();

    const line = '\r\u001B[2K';
    expect(written).toEqual([`${line}[${'█'.repeat(15)}${'░'.repeat(15)}] 50 of 100`, line]);
  });

  it('writes a line per tenth elsewhere', () => {
    const { written, screen } = makeScreen(false);
    const progress = makeProgress(screen, command);

    for (let done = 1; done <= 100; done += 1) progress.onDeadLetter(deadLetter, 'redriven', aReport(done));
    progress.end();

    expect(written).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map((done) => `${done} of 100\n`));
  });

  it('lists origin, error and trace of each dead letter in a dry run', () => {
    const { written, screen } = makeScreen(true);
    const progress = makeProgress(screen, { dryRun: true });

    progress.onDeadLetter(deadLetter, 'redriven', aReport(1));
    progress.onDeadLetter(deadLetter, 'kept', aReport(1, { kept: 1 }));

    const rest = 'user-service.orders.v1 partition 2 offset 41  TypeError  trace abc\n';
    expect(written).toEqual([`would redrive  ${rest}`, `would keep     ${rest}`]);
  });

  it('names each dead letter that is left', () => {
    const { written, screen } = makeScreen(false);

    makeProgress(screen, command).onDeadLetter(deadLetter, 'left', aReport(0, { left: 1 }));

    expect(written).toEqual(['left  user-service.orders.v1 partition 2 offset 41  TypeError  trace abc\n']);
  });

  it.each([
    [aReport(100), {}, '100 of 100 redriven'],
    [aReport(0, { waiting: 0 }), {}, 'no dead letters waiting in user-service.orders.v1.dlq'],
    [aReport(40), {}, '40 of 100 redriven, 60 remaining'],
    [aReport(40, { kept: 60 }), {}, '40 of 100 redriven, 60 kept because they have another error'],
    [aReport(0, { waiting: 3, discarded: 3 }), { discard: true }, '3 of 3 discarded'],
    [
      aReport(0, { waiting: 3, discarded: 2, kept: 1 }),
      { discard: true, dryRun: true },
      '2 of 3 would be discarded, 1 kept because they have another error, nothing was moved',
    ],
    [aReport(100), { dryRun: true }, '100 of 100 would be redriven, nothing was moved'],
    [
      aReport(99, { left: 1 }),
      {},
      '99 of 100 redriven, 1 left because their value was not kept or they are of another topic',
    ],
  ])('summarizes %j', (report, options, line) => {
    expect(summarize(report, { ...command, ...options })).toBe(line);
  });
});
