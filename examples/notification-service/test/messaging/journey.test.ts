// The whole process, from messages in Kafka to e-mails.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, inject, it } from 'vitest';

import { RAW_MESSAGES, writeRaw, type RawMessage } from '../../../../test/integration/kafka/raw-messages.ts';
import { startProgram } from '../../../../test/support/child-process.ts';
import {
  ann,
  bob,
  currentTopic,
  firstDeadLetter,
  folder,
  MAIN,
  orderConfirmed,
  publish,
  publishRaw,
  start,
  stub,
  TRACE_ID,
} from './support/running-service.ts';

describe('notification-service', { timeout: 60_000 }, () => {
  it('dead-letters what no client of user-service would write, and handles the message behind it', async () => {
    const service = await start('unusual', randomUUID(), ann);
    const now = { timestamp: BigInt(Date.now()) };
    /** Just below the limit of the topics, which the added headers exceed. */
    const full: RawMessage = { key: null, value: Buffer.alloc(1_048_400), headers: [], ...now };
    const unusual = Object.values(RAW_MESSAGES).filter(({ value }) => value !== null);
    await writeRaw(inject('kafka').brokers, currentTopic(), [
      ...unusual.map((message) => ({ ...message, ...now })),
      full,
    ]);
    await publish('user-registered/v1', ann);

    await service.shows('welcome');

    const count = unusual.length + 1;
    const deadLetters = /^events_consumed_total\{result="dead-lettered",service="notification-service",.*\} (\d+)$/m;
    expect(deadLetters.exec(await service.metrics())?.[1]).toBe(String(count));
    expect(readFileSync(join(folder, 'unusual', service.emails()[0] ?? ''), 'utf8')).not.toContain('Ann');
  });

  it('sends each e-mail once, dead-letters unreadable messages, and removes an erased user’s e-mails', async () => {
    const group = randomUUID();
    const first = await start('journey', group, ann);
    const order = orderConfirmed();
    await publish('user-registered/v1', ann);
    await publish('order-confirmed/v1', ann, order);
    await publishRaw('poison', 'not Avro');
    await publish('order-confirmed/v1', ann, order);
    await publish('order-rejected/v1', ann, { orderId: randomUUID(), reason: 'PAYMENT_DECLINED' });
    await first.shows('welcome', 'order-confirmed', 'order-rejected');

    expect(await first.metrics()).toMatch(/^events_consumed_total\{result="repeated",.*\} 1$/m);
    expect(readFileSync(join(folder, 'journey', `${order.eventId}.json`), 'utf8')).toContain('€19.99');
    expect(JSON.stringify(await first.notifications())).not.toContain('Ann');
    expect(await firstDeadLetter()).toMatchObject({ 'dlq-topic': currentTopic(), 'dlq-error': 'MESSAGE_UNREADABLE' });

    first.kill('SIGTERM');
    expect(await first.exited, first.output.stdout).toBe(0);
    expect(first.output.stdout).toContain(TRACE_ID);
    expect(first.output.stdout).not.toMatch(/Ann|example\.com|a-secret|a-token/);

    const second = await start('journey', group, ann);
    await second.shows('welcome', 'order-confirmed', 'order-rejected');
    await publish('user-erased/v1', ann);
    await second.shows();
    expect(second.emails()).toEqual([]);
  });

  it('retries while user-service is down, and loses no event when restarted during the outage', async () => {
    const group = randomUUID();
    const first = await start('outage', group, bob);
    stub.goDown();
    await publish('order-confirmed/v1', bob, orderConfirmed());
    await first.prints(/event handling failed, retrying/);
    first.kill('SIGTERM');
    expect(await first.exited, first.output.stdout).toBe(0);
    expect(first.emails()).toEqual([]);

    stub.comeBack();
    const second = await start('outage', group, bob);
    await second.shows('order-confirmed');
  });

  it('joins only when user-service responds, leaves while it stays down, and loses no event', async () => {
    stub.goDown();
    const service = await start('unable', randomUUID(), bob, { readyStatus: 503 });
    await publish('order-confirmed/v1', bob, orderConfirmed());
    await service.prints(/"dependency":"user-service"[^\n]*dependency is down/);
    expect(service.output.stdout).not.toContain('joined the consumer group');

    stub.comeBack();
    await service.shows('order-confirmed');
    stub.goDown();
    await publish('order-rejected/v1', bob, { orderId: randomUUID(), reason: 'PAYMENT_DECLINED' });
    await service.prints(/left the consumer group/);
    await service.becomes(503);

    stub.comeBack();
    await service.shows('order-confirmed', 'order-rejected');
    await service.becomes(200);
  });

  it('does not start with an invalid configuration, and reports every error', async () => {
    const program = startProgram(MAIN, { env: { KAFKA_BROKERS: 'localhost:9092', USER_SERVICE_URL: 'nowhere' } });
    expect(await program.exited).toBe(78);
    expect(program.output.stderr).toMatch(
      /SECRET_FILE is not set[^]*OUTBOX_DIRECTORY is[^]*USER_SERVICE_URL has no valid/,
    );
  });
});
