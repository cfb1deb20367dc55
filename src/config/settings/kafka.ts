import { Type } from 'typebox';
import { parseGrants, ROLES } from '../../messaging/topics.ts';
import { certificateAuthorities } from '../certificates.ts';
import { choice, flag, integer, list, optionalSecret, text, url } from '../setting.ts';

export const kafka = Type.Object(
  {
    brokers: list('KAFKA_BROKERS', {
      default: ['127.0.0.1:9092'],
      description: 'Bootstrap brokers, comma-separated.',
      expected: 'a comma-separated list of host:port',
      isItem: (item) => /^[\w.-]+:\d{1,5}$/.test(item),
    }),
    client: choice('KAFKA_CLIENT', ['kafkajs', 'platformatic'], {
      default: 'kafkajs',
      description: 'Kafka client library. Both pass the same tests.',
    }),
    clientId: text('KAFKA_CLIENT_ID', {
      default: 'user-service',
      description: 'Client id, shown in the logs and quotas of the brokers.',
    }),
    tls: flag('KAFKA_TLS', { default: false, description: 'Encrypt the connection and verify the certificate.' }),
    tlsCa: certificateAuthorities('KAFKA_TLS_CA_FILE'),
    saslMechanism: choice('KAFKA_SASL_MECHANISM', ['plain', 'scram-sha-256', 'scram-sha-512'], {
      default: 'plain',
      description:
        'SASL mechanism. `plain` sends the password itself, so only with `KAFKA_TLS`; `scram-sha-512` sends a proof of it.',
    }),
    username: text('KAFKA_USERNAME', { default: '', description: 'SASL username. Empty: no authentication.' }),
    password: optionalSecret('KAFKA_PASSWORD', {
      description: 'SASL password of that user. New connections use its current value.',
    }),
    connectTimeoutMs: integer('KAFKA_CONNECT_TIMEOUT_MS', {
      default: 3000,
      minimum: 100,
      maximum: 30_000,
      description: 'Timeout for connecting to a broker.',
    }),
    requestTimeoutMs: integer('KAFKA_REQUEST_TIMEOUT_MS', {
      default: 10_000,
      minimum: 500,
      maximum: 60_000,
      description: 'Timeout of one request to a broker.',
    }),
    sendTimeoutMs: integer('KAFKA_SEND_TIMEOUT_MS', {
      default: 30_000,
      minimum: 1000,
      maximum: 55_000,
      description: 'Timeout for the acknowledgement of a batch. After it, the batch is sent again.',
    }),
  },
  { description: 'Connection to the Kafka brokers.' },
);

export const topics = Type.Object(
  {
    replicationFactor: integer('KAFKA_TOPICS_REPLICATION_FACTOR', {
      default: 1,
      minimum: 1,
      maximum: 9,
      description: 'Copies of each partition of a new topic, at most one per broker. In production 3.',
    }),
    minInsyncReplicas: integer('KAFKA_TOPICS_MIN_INSYNC_REPLICAS', {
      default: 1,
      minimum: 1,
      maximum: 9,
      description: 'Copies that must have a message before its acknowledgement, for a new topic. In production 2.',
    }),
    acls: Type.Refine(
      text('KAFKA_TOPICS_ACLS', {
        default: '[]',
        expected: `JSON, a list of {"principal":"User:<name>","role":"<role>"} with the roles ${Object.keys(ROLES).join(', ')}`,
        description:
          'Principals that get the rights of a role in docs/events.md, as JSON: `[{"principal":"User:relay","role":"relay"}]`. Empty list: no ACLs, for brokers without an authorizer.',
      }),
      (value) => parseGrants(value) !== undefined,
    ),
  },
  { description: 'The topics that `migrate topics` creates. Existing topics are not changed.' },
);

export const schemaRegistry = Type.Object(
  {
    url: url('SCHEMA_REGISTRY_URL', {
      default: 'http://127.0.0.1:8085',
      description: 'URL of the schema registry, which has a Confluent-compatible API.',
    }),
    tlsCa: certificateAuthorities('SCHEMA_REGISTRY_TLS_CA_FILE'),
    username: text('SCHEMA_REGISTRY_USERNAME', {
      default: '',
      description: 'Username for basic authentication. Empty: no authentication.',
    }),
    password: optionalSecret('SCHEMA_REGISTRY_PASSWORD', { description: 'Password for basic authentication.' }),
    timeoutMs: integer('SCHEMA_REGISTRY_TIMEOUT_MS', {
      default: 2000,
      minimum: 50,
      maximum: 30_000,
      description: 'Timeout of a request. Cached schemas need no request.',
    }),
  },
  {
    description:
      'The registry of the Avro schemas. `migrate schemas` registers them, other processes only look them up.',
  },
);
