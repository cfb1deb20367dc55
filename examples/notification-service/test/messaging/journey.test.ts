// The whole process with real Kafka and a real registry; user-service is a stub that responds as the contract in pacts/ says.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import avro, { type Schema, type Type } from 'avsc';
import kafkajs, { type Producer } from 'kafkajs';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';

import { startProgram } from '../../../../test/support/child-process.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { freePort } from '../../../../test/support/free-port.ts';
import { RAW_MESSAGES, writeRaw, type RawMessage } from '../../../../test/integration/kafka/raw-messages.ts';
import { makeTestTopics } from '../../../../test/support/test-topics.ts';

const MAIN = '../../examples/notification-service/src/main';
const SPECS = join(import.meta.dirname, '../../../../api-specs/events');
const topics = makeTestTopics();
const folder = mkdtempSync(join(tmpdir(), 'notification-service-'));
const secretFile = join(folder, 'secret');
const ann = { id: randomUUID(), name: 'Ann Lee', email: 'ann@example.com' };
const bob = { ...ann, id: randomUUID() };
/** Trace id of the request that caused each event. */
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${TRACE_ID}-b7ad6b7169203331-01`;

let topic: string;
let deadLetterTopic: string;
let producer: Producer;
let userService: Server;
/** Status that the stub returns for every request; 0 for the normal responses. */
let outageStatus = 0;

const problem = (status: number, code: string) => ({ status, body: { title: code, status, code, traceId: 'none' } });

const respond = (path: string): { status: number; body: object } => {
  if (outageStatus !== 0) return problem(outageStatus, 'STORE_UNAVAILABLE');
  if (path === '/api/v1/auth/token') return { status: 200, body: { access_token: 'a-token', expires_in: 300 } };
  const user = [ann, bob].find(({ id }) => path === `/api/v1/users/${id}`);
  return user ? { status: 200, body: user } : problem(404, 'USER_NOT_FOUND');
};

/** The trace ids in the log lines need no agent. */
const TRACER = join(import.meta.dirname, '../../src/tracer.ts');

const kafka = () => new kafkajs.Kafka({ brokers: [...inject('kafka').brokers], logLevel: kafkajs.logLevel.NOTHING });

beforeAll(async () => {
  writeFileSync(secretFile, 'a-secret');
  userService = createServer((request, response) => {
    const { status, body } = respond(request.url ?? '');
    const type = status === 200 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(userService, 'listening');
  producer = kafka().producer();
  await producer.connect();
});
beforeEach(async () => {
  topic = await topics.create('notifications');
  deadLetterTopic = await topics.create('notifications.dlq');
});
afterAll(async () => {
  await producer.disconnect();
  userService.close();
  rmSync(folder, { recursive: true });
  await topics.drop();
});

const ids = new Map<string, { id: number; type: Type }>();

/** Registers a schema, as a deployment of user-service does. */
const registerSchema = async (file: string) => {
  const cached = ids.get(file);
  if (cached !== undefined) return cached;
  const schema = readFileSync(join(SPECS, `${file}.avsc`), 'utf8');
  const type = avro.Type.forSchema(JSON.parse(schema) as Schema);
  const response = await fetch(`${inject('registry').url}/subjects/${topic}-${type.name ?? ''}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema }),
  });
  const { id } = (await response.json()) as { id: number };
  ids.set(file, { id, type });
  return { id, type };
};

const publish = async (file: string, { id: userId }: typeof ann, fields: object = {}): Promise<void> => {
  const { id, type } = await registerSchema(file);
  const header = Buffer.alloc(5);
  header.writeUInt32BE(id, 1);
  const value = Buffer.concat([
    header,
    type.toBuffer({ eventId: randomUUID(), occurredAt: 1_770_000_000_000, userId, ...fields }),
  ]);
  await producer.send({ topic, messages: [{ key: userId, value, headers: { traceparent } }] });
};

const orderConfirmed = () => ({ eventId: randomUUID(), orderId: randomUUID(), amountMinor: 1999, currency: 'EUR' });

const start = async (directory: string, group: string, { id }: typeof ann, { readyStatus = 200 } = {}) => {
  const [port, managementPort] = [await freePort(), await freePort()];
  const program = startProgram(MAIN, {
    execArgv: ['--import', TRACER],
    env: {
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: String(port),
      MANAGEMENT_PORT: String(managementPort),
      KAFKA_BROKERS: inject('kafka').brokers.join(','),
      KAFKA_GROUP: group,
      KAFKA_TOPICS: topic,
      KAFKA_DEAD_LETTER_TOPIC: deadLetterTopic,
      SCHEMA_REGISTRY_URL: inject('registry').url,
      USER_SERVICE_URL: `http://127.0.0.1:${(userService.address() as AddressInfo).port}`,
      USER_SERVICE_CLIENT_SECRET_FILE: secretFile,
      OUTBOX_DIRECTORY: join(folder, directory),
      OUTAGE_TOLERANCE_MS: '1000',
    },
  });
  onTestFinished(async () => {
    program.kill('SIGKILL');
    await program.exited;
  });
  const management = `http://127.0.0.1:${managementPort}`;
  const becomes = (status: number): Promise<void> =>
    eventually(
      async () => {
        expect((await fetch(`${management}/health/ready`)).status, program.output.stdout).toBe(status);
      },
      { deadlineMs: 30_000 },
    );
  await becomes(readyStatus);
  const notifications = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/notifications?userId=${id}`);
    const { notifications: list } = (await response.json()) as { notifications: Record<string, string>[] };
    return list;
  };
  return {
    ...program,
    becomes,
    emails: () => readdirSync(join(folder, directory)).filter((file) => file.endsWith('.json')),
    notifications,
    metrics: () => fetch(`${management}/metrics`).then((metrics) => metrics.text()),
    shows: (...kinds: string[]) =>
      eventually(
        async () => {
          expect(
            (await notifications()).map(({ kind }) => kind),
            program.output.stdout,
          ).toEqual(kinds);
        },
        { deadlineMs: 20_000 },
      ),
  };
};

const firstDeadLetter = async () => {
  const consumer = kafka().consumer({ groupId: randomUUID(), maxWaitTimeInMs: 100 });
  const deadLetter = Promise.withResolvers<Record<string, string>>();
  await consumer.connect();
  await consumer.subscribe({ topics: [deadLetterTopic], fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message: { headers = {} } }) => {
      deadLetter.resolve(Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])));
      return Promise.resolve();
    },
  });
  return deadLetter.promise.finally(() => consumer.disconnect());
};

describe('notification-service', { timeout: 60_000 }, () => {
  it('dead-letters what no client of user-service would write, and handles the message behind it', async () => {
    const service = await start('unusual', randomUUID(), ann);
    const now = { timestamp: BigInt(Date.now()) };
    /** Just below the limit of the topics, which the added headers exceed. */
    const full: RawMessage = { key: null, value: Buffer.alloc(1_048_400), headers: [], ...now };
    const unusual = Object.values(RAW_MESSAGES).filter(({ value }) => value !== null);
    await writeRaw(inject('kafka').brokers, topic, [...unusual.map((message) => ({ ...message, ...now })), full]);
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
    await producer.send({ topic, messages: [{ key: 'poison', value: 'not Avro' }] });
    await publish('order-confirmed/v1', ann, order);
    await publish('order-rejected/v1', ann, { orderId: randomUUID(), reason: 'PAYMENT_DECLINED' });
    await first.shows('welcome', 'order-confirmed', 'order-rejected');

    expect(await first.metrics()).toMatch(/^events_consumed_total\{result="repeated",.*\} 1$/m);
    expect(readFileSync(join(folder, 'journey', `${order.eventId}.json`), 'utf8')).toContain('€19.99');
    expect(JSON.stringify(await first.notifications())).not.toContain('Ann');
    expect(await firstDeadLetter()).toMatchObject({ 'dlq-topic': topic, 'dlq-error': 'MESSAGE_UNREADABLE' });

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
    outageStatus = 503;
    await publish('order-confirmed/v1', bob, orderConfirmed());
    await first.prints(/event handling failed, retrying/);
    first.kill('SIGTERM');
    expect(await first.exited, first.output.stdout).toBe(0);
    expect(first.emails()).toEqual([]);

    outageStatus = 0;
    const second = await start('outage', group, bob);
    await second.shows('order-confirmed');
  });

  it('joins only when user-service responds, leaves while it stays down, and loses no event', async () => {
    outageStatus = 503;
    const service = await start('unable', randomUUID(), bob, { readyStatus: 503 });
    await publish('order-confirmed/v1', bob, orderConfirmed());
    await service.prints(/"dependency":"user-service"[^\n]*dependency is down/);
    expect(service.output.stdout).not.toContain('joined the consumer group');

    outageStatus = 0;
    await service.shows('order-confirmed');
    outageStatus = 503;
    await publish('order-rejected/v1', bob, { orderId: randomUUID(), reason: 'PAYMENT_DECLINED' });
    await service.prints(/left the consumer group/);
    await service.becomes(503);

    outageStatus = 0;
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
