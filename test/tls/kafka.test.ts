// Both Kafka clients of the service on a broker with TLS and SASL, and what they say when they are not let in.

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { loadConfig } from '../../src/config/load-config.ts';
import { makeKafkaClient, type KafkaClient } from '../../src/kafka/kafka-client.ts';
import type { Subscriber } from '../../src/messaging/subscriber.ts';
import { describeCauses } from '../../src/observability/describe-error.ts';
import { eventually } from '../support/eventually.ts';
import { makePrivateAuthority } from '../support/private-authority.ts';
import { makeTestTopics, type TestTopics } from '../support/test-topics.ts';
import { textMessage } from '../support/text-message.ts';
import { useFiles } from './support/files.ts';
import { startTlsKafka, type TlsKafka } from './support/tls-kafka.ts';

const CLIENTS = ['kafkajs', 'platformatic'] as const;
const PASSWORD = 'first-password';
const NOT_LET_IN = /authentication failed/i;
const files = useFiles();
const authority = makePrivateAuthority('Authority A');
const pair = authority.issue({ addresses: [] });

let kafka: TlsKafka;
let topics: TestTopics;
beforeAll(async () => {
  kafka = await startTlsKafka(files, pair, { plain: PASSWORD });
  topics = makeTestTopics([kafka.internal]);
  await kafka.setPassword('scram', PASSWORD);
  files.write('ca.pem', authority.pem);
  files.write('password', PASSWORD);
}, 180_000);
afterAll(() => kafka.close());

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

type Settings = Record<string, string>;
type Client = (typeof CLIENTS)[number];

const SCRAM = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_USERNAME: 'scram' };

/** Why the client could not go on, of all clients of a test. */
let warnings: string[] = [];

/** With the settings of a process. */
const clientOf = async (client: Client, settings: Settings = {}): Promise<KafkaClient> => {
  const { kafka: config } = loadConfig(
    {
      ...{ DD_ENV: 'staging', KAFKA_CLIENT: client, KAFKA_BROKERS: kafka.brokers.join(','), KAFKA_TLS: 'true' },
      ...{ KAFKA_TLS_CA_FILE: `${files.folder}/ca.pem`, KAFKA_PASSWORD_FILE: `${files.folder}/password`, ...SCRAM },
      ...{ KAFKA_CONNECT_TIMEOUT_MS: '2000', KAFKA_REQUEST_TIMEOUT_MS: '4000', KAFKA_SEND_TIMEOUT_MS: '10000' },
      ...settings,
    },
    ['kafka'],
  );
  const drop = (): void => undefined;
  const warn = ({ err }: { readonly err?: unknown }): unknown => warnings.push(describeCauses(err));
  const logger = { debug: drop, info: drop, warn, error: warn };
  warnings = [];
  const made = await makeKafkaClient({ ...config, logger });
  open.unshift(made);
  return made;
};

/** The texts that arrive at a running subscriber. */
const consume = async (client: KafkaClient, topic: string) => {
  const texts: string[] = [];
  const crashes: unknown[] = [];
  const subscriber: Subscriber = client.subscriber({
    group: `group-${randomUUID()}`,
    onCrash: (error) => crashes.push(error),
  });
  open.unshift(subscriber);
  const handle = ({ value }: { readonly value: Buffer | null }): Promise<void> => {
    texts.push(String(value));
    return Promise.resolve();
  };
  await subscriber.start({ topics: [topic], handle });
  return { texts, crashes };
};

/** Of a client that goes on whatever happens to its connections. */
const arrives = (client: KafkaClient, topic: string, texts: readonly string[]): Promise<void> => {
  const text = randomUUID();
  return eventually(
    async () => {
      if (!texts.includes(text)) await publish(client, topic, text);
      await eventually(
        () => {
          expect(texts, warnings.join('\n')).toContain(text);
        },
        { deadlineMs: 2000 },
      );
    },
    { deadlineMs: 30_000 },
  );
};

const publish = async (client: KafkaClient, topic: string, text: string): Promise<void> => {
  const publisher = client.publisher();
  await publisher.publish(topic, [textMessage({ key: 'key', value: text })]).finally(() => publisher.close());
};

const refusal = async (client: Client, settings: Settings): Promise<string> => {
  const made = await clientOf(client, settings);
  return made.check().then(
    () => 'accepted',
    (error: unknown) => describeCauses(error),
  );
};

describe.each(CLIENTS)('%s', (client) => {
  it.each([
    ['plain', 'plain'],
    ['scram-sha-256', 'scram'],
    ['scram-sha-512', 'scram'],
  ])('produces and consumes over TLS with %s', async (mechanism, user) => {
    const made = await clientOf(client, { KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: user });
    const topic = await topics.create('tls');
    const { texts } = await consume(made, topic);
    await publish(made, topic, mechanism);
    await eventually(() => {
      expect(texts).toEqual([mechanism]);
    });
    await made.check();
  });

  it.each<[string, Settings, RegExp]>([
    ['another authority', { KAFKA_TLS_CA_FILE: 'other.pem' }, /unable to verify|self-signed certificate|issuer/],
    ['no authority', { KAFKA_TLS_CA_FILE: '' }, /unable to verify|self-signed certificate|issuer/],
    ['another name', { KAFKA_BROKERS: '127.0.0.1' }, /does not match certificate's altnames|not in the cert's list/],
    ['no TLS', { KAFKA_TLS: 'false', KAFKA_TLS_CA_FILE: '' }, /KAFKA_TLS is false/],
    ['a wrong password', { KAFKA_PASSWORD_FILE: 'wrong' }, NOT_LET_IN],
    ['an unknown user', { KAFKA_USERNAME: 'nobody' }, NOT_LET_IN],
  ])('is refused with %s, and says why', async (_, { KAFKA_BROKERS: host, ...settings }, why) => {
    files.write('other.pem', makePrivateAuthority('Another').pem);
    files.write('wrong', 'wrong-password');
    const inFolder = Object.entries(settings).map(([name, value]) => [
      name,
      name.endsWith('_FILE') && value !== '' ? `${files.folder}/${value}` : value,
    ]);
    const brokers = host === undefined ? {} : { KAFKA_BROKERS: `${host}:${kafka.port}` };
    const text = await refusal(client, { ...(Object.fromEntries(inFolder) as Settings), ...brokers });
    expect(text).toMatch(why);
    expect(text).not.toContain('wrong-password');
  });

  it('uses a rotated password without a restart, keeps the last good one, and waits for it after the broker', async () => {
    const made = await clientOf(client);
    const topic = await topics.create('rotated');
    const { texts, crashes } = await consume(made, topic);
    await arrives(made, topic, texts);

    files.write('password', '');
    await kafka.restart();
    await arrives(made, topic, texts);

    const next = `next-${client}`;
    await kafka.setPassword('scram', next);
    await kafka.restart();
    await eventually(
      () => {
        expect(warnings.filter((text) => NOT_LET_IN.test(text)).length, warnings.join('\n')).toBeGreaterThan(2);
      },
      { deadlineMs: 30_000 },
    );
    await expect(made.check()).rejects.toThrow('no broker responds');
    expect(crashes).toEqual([]);
    files.write('password', next);
    await arrives(made, topic, texts);
    expect(crashes).toEqual([]);
  });
});
