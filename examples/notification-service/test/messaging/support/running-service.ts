// The process on the Kafka and the registry of the test run, with topics of its own for each test; user-service is a stub that responds as the contract
// in pacts/ says.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import avro, { type Schema, type Type } from 'avsc';
import kafkajs, { type Producer } from 'kafkajs';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished } from 'vitest';

import { startProgram } from '../../../../../test/support/child-process.ts';
import { eventually } from '../../../../../test/support/eventually.ts';
import { freePort } from '../../../../../test/support/free-port.ts';
import { makeTestTopics } from '../../../../../test/support/test-topics.ts';

export const MAIN = '../../examples/notification-service/src/main';
const SPECS = join(import.meta.dirname, '../../../../../api-specs/events');
const topics = makeTestTopics();
export const folder = mkdtempSync(join(tmpdir(), 'notification-service-'));
const secretFile = join(folder, 'secret');
export const ann = { id: randomUUID(), name: 'Ann Lee', email: 'ann@example.com' };
export const bob = { ...ann, id: randomUUID() };
/** Trace id of the request that caused each event. */
export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${TRACE_ID}-b7ad6b7169203331-01`;

let topic: string;
let deadLetterTopic: string;
let producer: Producer;
let userService: Server;
let isDown = false;

export const stub = {
  /** It responds to every request with 503 STORE_UNAVAILABLE. */
  goDown: (): void => {
    isDown = true;
  },
  comeBack: (): void => {
    isDown = false;
  },
};

const problem = (status: number, code: string) => ({ status, body: { title: code, status, code, traceId: 'none' } });

const respond = (path: string): { status: number; body: object } => {
  if (isDown) return problem(503, 'STORE_UNAVAILABLE');
  if (path === '/api/v1/auth/token') return { status: 200, body: { access_token: 'a-token', expires_in: 300 } };
  const user = [ann, bob].find(({ id }) => path === `/api/v1/users/${id}`);
  return user ? { status: 200, body: user } : problem(404, 'USER_NOT_FOUND');
};

/** The trace ids in the log lines need no agent. */
const TRACER = join(import.meta.dirname, '../../../src/tracer.ts');

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

export const publish = async (file: string, { id: userId }: typeof ann, fields: object = {}): Promise<void> => {
  const { id, type } = await registerSchema(file);
  const header = Buffer.alloc(5);
  header.writeUInt32BE(id, 1);
  const value = Buffer.concat([
    header,
    type.toBuffer({ eventId: randomUUID(), occurredAt: 1_770_000_000_000, userId, ...fields }),
  ]);
  await producer.send({ topic, messages: [{ key: userId, value, headers: { traceparent } }] });
};

/** A message that is no event. */
export const publishRaw = (key: string, value: string) => producer.send({ topic, messages: [{ key, value }] });

/** The topic that the process of this test consumes. */
export const currentTopic = (): string => topic;

export const orderConfirmed = () => ({
  eventId: randomUUID(),
  orderId: randomUUID(),
  amountMinor: 1999,
  currency: 'EUR',
});

export const start = async (directory: string, group: string, { id }: typeof ann, { readyStatus = 200 } = {}) => {
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

export const firstDeadLetter = async () => {
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
