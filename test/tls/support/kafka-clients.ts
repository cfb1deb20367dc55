// Kafka clients with the settings of a process.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { afterEach, expect } from 'vitest';

import { loadConfig } from '../../../src/config/load-config.ts';
import { makeKafkaClient, type KafkaClient } from '../../../src/kafka/kafka-client.ts';
import { describeCauses } from '../../../src/observability/describe-error.ts';
import { eventually } from '../../support/eventually.ts';
import { textMessage } from '../../support/text-message.ts';
import type { Files } from './files.ts';
import type { TlsKafka } from './tls-kafka.ts';

export const CLIENTS = ['kafkajs', 'platformatic'] as const;
export type ClientName = (typeof CLIENTS)[number];
/** A machine that is busy needs long for what takes milliseconds. */
const PATIENCE = { deadlineMs: 60_000 };

/** Closes what a test has opened. @param kafka called when a client is made */
export const useKafkaClients = (files: Files, kafka: () => TlsKafka) => {
  const open: { close(): Promise<void> }[] = [];
  const warnings: string[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
    warnings.splice(0);
  });
  const drop = (): void => undefined;
  const warn = ({ err }: { readonly err?: unknown }): unknown => warnings.push(describeCauses(err));

  /** With SCRAM-SHA-512 and the files `ca.pem` and `password`. A setting that ends with _FILE is the name of a file. */
  const clientOf = async (client: ClientName, settings: Record<string, string> = {}): Promise<KafkaClient> => {
    const all = {
      ...{ DD_ENV: 'staging', KAFKA_CLIENT: client, KAFKA_BROKERS: kafka().brokers.join(','), KAFKA_TLS: 'true' },
      ...{ KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_USERNAME: 'scram' },
      ...{ KAFKA_TLS_CA_FILE: 'ca.pem', KAFKA_PASSWORD_FILE: 'password' },
      ...{ KAFKA_CONNECT_TIMEOUT_MS: '2000', KAFKA_REQUEST_TIMEOUT_MS: '4000', KAFKA_SEND_TIMEOUT_MS: '10000' },
      ...settings,
    };
    const paths = Object.entries(all)
      .filter(([name, value]) => name.endsWith('_FILE') && value !== '')
      .map(([name, file]) => [name, join(files.folder, file)]);
    const config = loadConfig({ ...all, ...(Object.fromEntries(paths) as Record<string, string>) }, ['kafka']);
    const made = await makeKafkaClient({ ...config.kafka, logger: { debug: drop, info: drop, warn, error: warn } });
    open.unshift(made);
    return made;
  };

  const publish = async (client: KafkaClient, topic: string, text: string): Promise<void> => {
    const publisher = client.publisher();
    await publisher.publish(topic, [textMessage({ key: 'key', value: text })]).finally(() => publisher.close());
  };

  /** A subscriber that runs to the end of the test. */
  const consume = async (client: KafkaClient, topic: string) => {
    const texts: string[] = [];
    const crashes: unknown[] = [];
    const onCrash = (error: unknown): unknown => crashes.push(error);
    const subscriber = client.subscriber({ group: `group-${randomUUID()}`, onCrash });
    open.unshift(subscriber);
    const handle = ({ value }: { readonly value: Buffer | null }): Promise<void> => {
      texts.push(String(value));
      return Promise.resolve();
    };
    await subscriber.start({ topics: [topic], handle });
    return {
      crashes,
      /** Publishes with a new publisher, and waits until the subscriber has it. */
      roundTrip: async (text: string = randomUUID()): Promise<void> => {
        await eventually(() => publish(client, topic, text), PATIENCE);
        await eventually(() => {
          expect(texts, warnings.join('\n')).toContain(text);
        }, PATIENCE);
      },
    };
  };

  return {
    clientOf,
    consume,
    isReady: (client: KafkaClient): Promise<void> => eventually(() => client.check(), PATIENCE),
    /** Waits until readiness is red for this reason. @returns all that it says */
    refusal: (client: KafkaClient, why: RegExp): Promise<string> =>
      eventually(async () => {
        const text = await client.check().then(
          () => 'not refused',
          (error: unknown) => describeCauses(error),
        );
        expect(text).toMatch(why);
        return text;
      }, PATIENCE),
    /** Waits until the subscribers have said `times` times why they cannot go on. */
    warned: (why: RegExp, times: number): Promise<void> =>
      eventually(() => {
        const found = warnings.filter((text) => why.test(text));
        expect(found.length, warnings.join('\n')).toBeGreaterThanOrEqual(times);
      }, PATIENCE),
  };
};
