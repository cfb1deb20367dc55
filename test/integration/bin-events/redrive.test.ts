// The command as a process, on a real broker.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { makeKafkaClient, type KafkaClient } from '../../../src/kafka/kafka-client.ts';
import type { Publisher } from '../../../src/messaging/publisher.ts';
import { startProgram } from '../../support/child-process.ts';
import { makeTestTopics } from '../../support/test-topics.ts';
import { connectionTo, readAll } from '../kafka/arrange.ts';
import { textMessage } from '../../support/text-message.ts';

const TOPIC = `test.${randomUUID()}.v1`;
const DLQ = `${TOPIC}.dlq`;
const GROUP = `test-${randomUUID()}`;
let kafka: KafkaClient;
let publisher: Publisher;

const redrive = async (...args: string[]) => {
  const env = { KAFKA_BROKERS: inject('kafka').brokers.join(','), CONSUMERS_GROUP: GROUP };
  const program = startProgram('redrive', { args, env });
  const code = await program.exited;
  return { code, ...program.output };
};

const aDeadLetter = (number: number, error = 'EVENT_FORBIDDEN') =>
  textMessage({
    key: `key-${number}`,
    value: Buffer.from(`secret-${number}`),
    headers: {
      'event-id': randomUUID(),
      'dlq-topic': TOPIC,
      'dlq-partition': '0',
      'dlq-offset': String(number),
      'dlq-timestamp': new Date(0).toISOString(),
      'dlq-consumer': GROUP,
      'dlq-error': error,
      'dlq-reason': 'The event holds a value that the service rejects.',
      'dlq-attempts': '1',
      'dlq-trace-id': 'ab'.repeat(16),
    },
  });

beforeAll(async () => {
  const topics = makeTestTopics();
  await topics.open(TOPIC, { partitions: 3 });
  await topics.open(DLQ, { partitions: 3 });
  kafka = await makeKafkaClient({ ...connectionTo(), client: 'kafkajs', sendTimeoutMs: 10_000 });
  publisher = kafka.publisher();
  await publisher.publish(
    DLQ,
    [1, 2, 3].map((number) => aDeadLetter(number)),
  );
});
afterAll(async () => {
  await publisher.close();
  await kafka.close();
});

describe('npm run redrive', { timeout: 60_000 }, () => {
  it('lists with --dry-run what it would do, without any value, and moves nothing', async () => {
    const { code, stdout, stderr } = await redrive('--topic', TOPIC, '--dry-run');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.match(/EVENT_FORBIDDEN/g)).toHaveLength(3);
    expect(stdout).toContain('ab'.repeat(16));
    expect(stdout).not.toContain('secret');
    expect(await readAll(TOPIC)).toEqual([]);
  });

  it('redrives every dead letter unchanged, once', async () => {
    const { code, stdout } = await redrive('--topic', TOPIC);
    expect(code).toBe(0);
    expect(stdout).toContain('3 of 3');
    expect((await redrive('--topic', TOPIC)).stdout).toContain('no dead letters wait');
    const messages = await readAll(TOPIC);
    expect(messages.map(({ value }) => String(value)).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'secret-1',
      'secret-2',
      'secret-3',
    ]);
    expect(messages[0]?.headers.map(({ name }) => name.toString())).toEqual(['event-id', 'dlq-redriven']);
  });

  it('discards with --discard, publishes nothing, and does not read them again', async () => {
    const before = await readAll(TOPIC);
    await publisher.publish(
      DLQ,
      [4, 5].map((number) => aDeadLetter(number, 'MESSAGE_UNREADABLE')),
    );
    const args = ['--topic', TOPIC, '--error', 'MESSAGE_UNREADABLE', '--discard'];
    const { code, stdout } = await redrive(...args);
    expect(code).toBe(0);
    expect(stdout).toContain('2 of 2 discarded');
    expect((await redrive(...args)).stdout).toContain('no dead letters wait');
    expect(await readAll(TOPIC)).toEqual(before);
  });

  it('reports an error in one line', async () => {
    const absent = await redrive('--topic', `absent.${randomUUID()}`);
    expect([absent.code, absent.stderr.trim().split('\n').length]).toEqual([1, 1]);
    const wrong = await redrive('--topics', TOPIC);
    expect([wrong.code, wrong.stderr]).toEqual([64, expect.stringContaining('npm run redrive')]);
  });
});
