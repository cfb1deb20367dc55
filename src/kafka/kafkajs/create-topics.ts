// Creates topics and access rights with the administration client of kafkajs, whichever library the processes use.

import kafkajs, { type AclEntry, type Admin, type KafkaJSProtocolError } from 'kafkajs';

import { MessagingError } from '../../messaging/messaging-error.ts';
import { ROLES, type Grant, type Topic } from '../../messaging/topics.ts';
import type { KafkaConnection } from '../connection.ts';
import { makeKafkajs } from './client.ts';

type Options = {
  readonly topics: readonly Topic[];
  readonly replicationFactor: number;
  readonly minInsyncReplicas: number;
  readonly grants: readonly Grant[];
  /** Called with one line per topic and per grant. */
  readonly report: (line: string) => void;
};

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

/** What an operator can do about a refusal, by the type of Kafka's error. */
const ADVICE = new Map([
  ['INVALID_REPLICATION_FACTOR', 'KAFKA_TOPICS_REPLICATION_FACTOR must not exceed the number of brokers that are up'],
  ['POLICY_VIOLATION', 'a policy of the brokers forbids a topic with these settings'],
  [
    'CLUSTER_AUTHORIZATION_FAILED',
    'KAFKA_USERNAME needs the rights to create topics (CREATE) and ACLs (ALTER) on the cluster',
  ],
  ['TOPIC_AUTHORIZATION_FAILED', 'KAFKA_USERNAME needs the right CREATE on the topics, or on the cluster'],
  ['SECURITY_DISABLED', 'the brokers have no authorizer (authorizer.class.name), so KAFKA_TOPICS_ACLS must be []'],
]);

/** Of a request for several topics, the reasons are in `errors`. */
const protocolErrors = (error: unknown): KafkaJSProtocolError[] => {
  const { errors = [error] } = error as { errors?: unknown[] };
  return errors.filter((one) => one instanceof kafkajs.KafkaJSProtocolError);
};

const toMessagingError = (cause: unknown): unknown => {
  if (!(cause instanceof Error) || cause instanceof MessagingError) return cause;
  const refusals = new Set(protocolErrors(cause).map(({ type, message }) => ADVICE.get(type) ?? message));
  const faults = (details: Iterable<string>) => [...details].map((detail) => ({ pointer: '', detail }));
  return refusals.size > 0
    ? new MessagingError('TOPICS_REFUSED', 'Kafka refused the topics or their ACLs.', {
        cause,
        faults: faults(refusals),
      })
    : new MessagingError('BROKER_UNAVAILABLE', 'Kafka could not be reached.', { cause });
};

const days = (ms: number): string => `${ms / 86_400_000} days`;

const create = async (admin: Admin, missing: readonly Topic[], options: Options): Promise<void> => {
  const { replicationFactor, minInsyncReplicas } = options;
  await admin.createTopics({
    waitForLeaders: true,
    topics: missing.map(({ name, partitions, retentionMs }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor,
      configEntries: [
        { name: 'retention.ms', value: String(retentionMs) },
        { name: 'min.insync.replicas', value: String(minInsyncReplicas) },
      ],
    })),
  });
};

/** Partitions are never changed: a key would move to another partition and lose its order. */
const reportExisting = async (admin: Admin, existing: readonly Topic[], report: Options['report']): Promise<void> => {
  const { topics } = await admin.fetchTopicMetadata({ topics: existing.map(({ name }) => name) });
  for (const { name, partitions } of existing) {
    const actual = topics.find((topic) => topic.name === name)?.partitions.length;
    const difference = actual === partitions ? '' : ` with ${actual} partitions instead of ${partitions}, unchanged`;
    report(`already exists: ${name}${difference}`);
  }
};

const ensureTopics = async (admin: Admin, options: Options): Promise<void> => {
  const { topics, replicationFactor, report } = options;
  const names = new Set(await admin.listTopics());
  const existing = topics.filter(({ name }) => names.has(name));
  if (existing.length > 0) await reportExisting(admin, existing, report);
  const missing = topics.filter(({ name }) => !names.has(name));
  if (missing.length === 0) return;
  await create(admin, missing, options);
  for (const { name, partitions, retentionMs } of missing)
    report(`created ${name} (partitions: ${partitions}, copies: ${replicationFactor}, kept for ${days(retentionMs)})`);
};

/** The same rights as `kafka-acls --producer` and `--consumer`, without the one to create topics. */
const aclsOf = ({ principal, role }: Grant): AclEntry[] => {
  const { writes, reads, group } = { group: undefined, ...ROLES[role] }; // eslint-disable-line security/detect-object-injection -- a name of the type
  const { TOPIC, GROUP } = AclResourceTypes;
  const { READ, WRITE, DESCRIBE } = AclOperationTypes;
  const allow = (
    resourceType: kafkajs.AclResourceTypes,
    resourceName: string,
    operation: kafkajs.AclOperationTypes,
  ) => ({
    ...{ principal, host: '*', permissionType: AclPermissionTypes.ALLOW },
    ...{ resourceType, resourceName, resourcePatternType: ResourcePatternTypes.LITERAL, operation },
  });
  return [
    ...writes.flatMap((topic) => [allow(TOPIC, topic, WRITE), allow(TOPIC, topic, DESCRIBE)]),
    ...reads.flatMap((topic) => [allow(TOPIC, topic, READ), allow(TOPIC, topic, DESCRIBE)]),
    ...(group === undefined ? [] : [allow(GROUP, group, READ)]),
  ];
};

const ensureGrants = async (admin: Admin, { grants, report }: Options): Promise<void> => {
  for (const grant of grants) {
    await admin.createAcls({ acl: aclsOf(grant) });
    report(`${grant.principal} has the rights of ${grant.role}`);
  }
};

/**
 * Idempotent: existing topics stay as they are, existing ACLs are kept, missing ones are added. None is removed.
 * @throws MessagingError BROKER_UNAVAILABLE, or TOPICS_REFUSED with a fault per reason
 */
export const createTopics = async (connection: KafkaConnection, options: Options): Promise<void> => {
  const admin = makeKafkajs(connection).admin();
  try {
    await admin.connect();
    await ensureTopics(admin, options);
    await ensureGrants(admin, options);
  } catch (error) {
    throw toMessagingError(error);
  } finally {
    await admin.disconnect();
  }
};
