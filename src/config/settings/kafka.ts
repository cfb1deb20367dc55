import { Type } from 'typebox';
import { choice, flag, integer, list, optionalSecret, text } from '../setting.ts';

export const kafka = Type.Object(
  {
    brokers: list('KAFKA_BROKERS', {
      default: ['127.0.0.1:9092'],
      description: 'Some brokers, comma-separated; the others are learnt from them.',
      expected: 'a comma-separated list of host:port',
      isItem: (item) => /^[\w.-]+:\d{1,5}$/.test(item),
    }),
    client: choice('KAFKA_CLIENT', ['kafkajs', 'platformatic'], {
      default: 'kafkajs',
      description: 'Which client library; both pass the same tests.',
    }),
    clientId: text('KAFKA_CLIENT_ID', {
      default: 'user-service',
      description: 'Name of this client in the logs and quotas of the brokers.',
    }),
    tls: flag('KAFKA_TLS', { default: false, description: 'Encrypt and check the certificate.' }),
    username: text('KAFKA_USERNAME', { default: '', description: 'SASL/PLAIN account. Empty: no authentication.' }),
    password: optionalSecret('KAFKA_PASSWORD', { description: 'Password of that account.' }),
    connectTimeoutMs: integer('KAFKA_CONNECT_TIMEOUT_MS', {
      default: 3000,
      minimum: 100,
      maximum: 30_000,
      description: 'Longest wait for a connection to a broker.',
    }),
    requestTimeoutMs: integer('KAFKA_REQUEST_TIMEOUT_MS', {
      default: 10_000,
      minimum: 500,
      maximum: 60_000,
      description: 'Longest wait for one answer of a broker.',
    }),
    sendTimeoutMs: integer('KAFKA_SEND_TIMEOUT_MS', {
      default: 30_000,
      minimum: 1000,
      maximum: 55_000,
      description: 'Longest wait for the acknowledgement of a batch; then it is sent again.',
    }),
  },
  { description: 'The brokers that events go to and come from.' },
);

export const schemaRegistry = Type.Object(
  {
    url: text('SCHEMA_REGISTRY_URL', {
      default: 'http://127.0.0.1:8085',
      pattern: '^https?://\\S+$',
      expected: 'an http or https URL',
      description: 'Confluent-compatible API of the schema registry.',
    }),
    username: text('SCHEMA_REGISTRY_USERNAME', { default: '', description: 'Basic authentication. Empty: none.' }),
    password: optionalSecret('SCHEMA_REGISTRY_PASSWORD', { description: 'Password of that account.' }),
    timeoutMs: integer('SCHEMA_REGISTRY_TIMEOUT_MS', {
      default: 2000,
      minimum: 50,
      maximum: 30_000,
      description: 'Longest wait for an answer. Schemas that are known already need none.',
    }),
  },
  {
    description:
      'Where the Avro schemas of events are. `migrate schemas` registers them; other processes only look up.',
  },
);
