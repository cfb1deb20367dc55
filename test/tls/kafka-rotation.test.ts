// Passwords and certificates of Kafka change while both clients of the service produce and consume.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { makePrivateAuthority } from '../support/private-authority.ts';
import { makeTestTopics, type TestTopics } from '../support/test-topics.ts';
import { useFiles } from './support/files.ts';
import { CLIENTS, useKafkaClients } from './support/kafka-clients.ts';
import { startTlsKafka, type TlsKafka } from './support/tls-kafka.ts';

const files = useFiles();
const before = makePrivateAuthority('Authority A');
const after = makePrivateAuthority('Authority B');

let kafka: TlsKafka;
let topics: TestTopics;
beforeAll(async () => {
  kafka = await startTlsKafka(files, before.issue());
  topics = makeTestTopics([kafka.internal]);
});
afterAll(() => kafka.close());
const { clientOf, consume, refusal, warned } = useKafkaClients(files, () => kafka);

beforeEach(async () => {
  files.write('ca.pem', before.pem);
  files.write('password', 'first');
  await kafka.present(before.issue());
  await kafka.setPassword('scram', 'first');
});

describe.each(CLIENTS)('%s', { timeout: 240_000 }, (client) => {
  it('keeps the last good password, waits for the next one while its own is refused, and uses it', async () => {
    const { roundTrip, crashes } = await consume(await clientOf(client), await topics.create('password'));
    await roundTrip();

    files.write('password', '');
    kafka.breakConnections();
    await roundTrip();

    await kafka.setPassword('scram', 'second');
    kafka.breakConnections();
    await warned(/authentication failed/i, 2);
    expect(crashes).toEqual([]);

    files.write('password', 'second');
    await roundTrip();
    expect(crashes).toEqual([]);
  });

  it('goes on while the authority is replaced: both in the file, another certificate, the new one only', async () => {
    const { roundTrip, crashes } = await consume(await clientOf(client), await topics.create('authority'));
    await roundTrip();

    files.write('ca.pem', `${before.pem}${after.pem}`);
    await kafka.present(after.issue());
    kafka.breakConnections();
    await roundTrip();

    files.write('ca.pem', after.pem);
    await kafka.present(before.issue());
    const made = await clientOf(client, { KAFKA_TLS_CA_FILE: 'ca.pem' });
    await refusal(made, /unable to verify the first certificate/);
    await kafka.present(after.issue());
    kafka.breakConnections();
    await roundTrip();

    files.write('ca.pem', 'not a certificate');
    kafka.breakConnections();
    await roundTrip();
    expect(crashes).toEqual([]);
  });
});
