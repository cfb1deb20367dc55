// Runs once in docker-compose.yml, in the service's image: no process of ours makes a topic by using it. Topics that are there stay as they are.

import kafkajs from 'kafkajs';

const DAY_MS = 86_400_000;

/** Dead letters wait for a person: they stay longer than what they came from. */
const TOPICS = [
  { topic: 'user-service.users.v1', numPartitions: 3, days: 7 },
  { topic: 'user-service.orders.v1', numPartitions: 3, days: 7 },
  { topic: 'user-service.users.v1.dlq', numPartitions: 1, days: 30 },
  { topic: 'user-service.orders.v1.dlq', numPartitions: 1, days: 30 },
  { topic: 'notification-service.dlq', numPartitions: 1, days: 30 },
];

const brokers = process.argv.slice(2);
if (brokers.length === 0) throw new Error('Name a broker, as host:port.');

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
const known = await admin.listTopics();
await admin.disconnect();
const missing = TOPICS.filter(({ topic }) => !known.includes(topic)).map(({ topic }) => topic);
if (missing.length > 0) throw new Error(`Kafka did not make ${missing.join(', ')}.`);
process.stdout.write(`${TOPICS.length} topics are there\n`);
