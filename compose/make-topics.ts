// Runs once in docker-compose.yml, in the image of the service, and creates the topics: automatic topic creation is off. Existing topics are unchanged.

import kafkajs from 'kafkajs';

const DAY_MS = 86_400_000;

/** Dead letters are kept longer than the original messages: an operator has to inspect them. */
const TOPICS = [
  { topic: 'user-service.users.v1', numPartitions: 3, days: 7 },
  { topic: 'user-service.orders.v1', numPartitions: 3, days: 7 },
  { topic: 'user-service.users.v1.dlq', numPartitions: 1, days: 30 },
  { topic: 'user-service.orders.v1.dlq', numPartitions: 1, days: 30 },
  { topic: 'notification-service.dlq', numPartitions: 1, days: 30 },
];

const brokers = process.argv.slice(2);
if (brokers.length === 0) throw new Error('usage: make-topics.ts <host:port>…');

const kafka = new kafkajs.Kafka({ clientId: 'make-topics', brokers, logLevel: kafkajs.logLevel.WARN });
const admin = kafka.admin();
await admin.connect();
await admin.createTopics({
  waitForLeaders: true,
  topics: TOPICS.map(({ topic, numPartitions, days }) => ({
    topic,
    numPartitions,
    replicationFactor: 1,
    configEntries: [{ name: 'retention.ms', value: String(days * DAY_MS) }],
  })),
});
const existing = await admin.listTopics();
await admin.disconnect();
const missing = TOPICS.filter(({ topic }) => !existing.includes(topic)).map(({ topic }) => topic);
if (missing.length > 0) throw new Error(`topics were not created: ${missing.join(', ')}`);
process.stdout.write(`${TOPICS.length} topics exist\n`);
