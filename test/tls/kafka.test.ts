// Both Kafka clients of the service on a broker with TLS and SASL, and what they say when they are not let in.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { makePrivateAuthority } from '../support/private-authority.ts';
import { makeTestTopics, type TestTopics } from '../support/test-topics.ts';
import { useFiles } from './support/files.ts';
import { CLIENTS, useKafkaClients } from './support/kafka-clients.ts';
import { startTlsKafka, type TlsKafka } from './support/tls-kafka.ts';

const NOT_LET_IN = /authentication failed/i;
const NOT_TRUSTED = /unable to verify the first certificate|self-signed certificate|unable to get local issuer/;
const files = useFiles();
const authority = makePrivateAuthority('Authority A');

let kafka: TlsKafka;
let topics: TestTopics;
beforeAll(async () => {
  files.write('ca.pem', authority.pem);
  files.write('other-ca.pem', makePrivateAuthority('Authority B').pem);
  files.write('password', 'right-password');
  files.write('wrong-password', 'wrong-password');
  kafka = await startTlsKafka(files, authority.issue({ addresses: [] }), { plain: 'right-password' });
  topics = makeTestTopics([kafka.internal]);
  await kafka.setPassword('scram', 'right-password');
});
afterAll(() => kafka.close());
const { clientOf, consume, isReady, refusal } = useKafkaClients(files, () => kafka);

describe.each(CLIENTS)('%s', (client) => {
  it.each([
    ['plain', 'plain'],
    ['scram-sha-256', 'scram'],
    ['scram-sha-512', 'scram'],
  ])('produces and consumes over TLS with %s', async (mechanism, user) => {
    const made = await clientOf(client, { KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: user });
    await isReady(made);
    const { roundTrip } = await consume(made, await topics.create('tls'));
    await roundTrip();
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['another authority', { KAFKA_TLS_CA_FILE: 'other-ca.pem' }, NOT_TRUSTED],
    ['no authority', { KAFKA_TLS_CA_FILE: '' }, NOT_TRUSTED],
    ['no TLS', { KAFKA_TLS: 'false', KAFKA_TLS_CA_FILE: '' }, /KAFKA_TLS is false: does the listener need TLS\?/],
    ['a wrong password', { KAFKA_PASSWORD_FILE: 'wrong-password' }, NOT_LET_IN],
    ['an unknown user', { KAFKA_USERNAME: 'nobody' }, NOT_LET_IN],
  ])('is refused with %s, and says why', async (_, settings, why) => {
    const text = await refusal(await clientOf(client, settings), why);
    expect(text).not.toContain('wrong-password');
  });

  it('is refused by the name of the host, and says why', async () => {
    const port = kafka.brokers[0]?.split(':').at(-1) ?? '';
    const made = await clientOf(client, { KAFKA_BROKERS: `127.0.0.1:${port}` });
    await refusal(made, /Hostname\/IP does not match certificate's altnames/);
  });

  it('is refused by a certificate that has expired, and says why', async () => {
    await kafka.present(authority.issue({ addresses: [], days: -1 }));
    await refusal(await clientOf(client), /certificate has expired/);
    await kafka.present(authority.issue({ addresses: [] }));
    await isReady(await clientOf(client));
  });

  it('says that a listener has no TLS', async () => {
    const made = await clientOf(client, { KAFKA_BROKERS: kafka.internal });
    await refusal(made, /TLS|SSL|wrong version number|packet length too long/i);
  });
});
