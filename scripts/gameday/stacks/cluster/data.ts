// How a drill reaches the data of the cluster: SQL through a forwarded port, Redis and Kafka from inside a pod, Secrets and flags as objects.

import { writeFile } from 'node:fs/promises';

import type { Stack } from '../stack.ts';
import { makeSql } from '../stores.ts';
import type { Access } from './access.ts';
import { inNamespace, readKey, RELEASE } from './place.ts';

type Data = Pick<Stack, 'sql' | 'redis' | 'produce' | 'writeSecret' | 'readSecret' | 'writeFlags'>;

const REDIS = 'REDISCLI_AUTH="$(cat /run/secrets/redis_password)" exec redis-cli "$@"';

/** Runs in the worker, whose image has the client. Arguments: topic, messages as JSON. */
const PRODUCE = `
import { Kafka, logLevel } from 'kafkajs';
const [topic, messages] = process.argv.slice(2);
const producer = new Kafka({ clientId: 'gameday', brokers: ['kafka:9092'], logLevel: logLevel.NOTHING }).producer();
await producer.connect();
await producer.send({ topic, messages: JSON.parse(messages) });
await producer.disconnect();
`;

/** The kubelet writes changed volumes of a pod at once when the pod changes, otherwise within about a minute. */
const hastenVolumes = async (): Promise<void> => {
  const pods = ['pods', '--selector', `app.kubernetes.io/instance=${RELEASE}`];
  await inNamespace(['annotate', ...pods, '--overwrite', `volumes-changed-at=${Date.now()}`]);
};

const patch = (object: readonly string[], data: Readonly<Record<string, string>>): Promise<string> =>
  inNamespace(['patch', ...object, '--type=merge', '--patch', JSON.stringify({ data })]);

export const makeData = ({ connection, variables }: Access): Data => ({
  sql: makeSql(connection),
  redis: (args) => inNamespace(['exec', 'deployment/redis', '--', 'sh', '-c', REDIS, 'redis-cli', ...args]),
  produce: async (topic, messages) => {
    const program = ['node', '--input-type=module', '-', topic, JSON.stringify(messages)];
    await inNamespace(['exec', '--stdin', `deployment/${RELEASE}-worker`, '--', ...program], PRODUCE);
  },
  readSecret: (file) => readKey(variables.SECRET_NAME, file),
  writeSecret: async (file, content) => {
    await writeFile(variables.GOOD_FILE, await readKey(variables.SECRET_NAME, file), { mode: 0o600 });
    await patch(['secret', variables.SECRET_NAME], { [file]: Buffer.from(content).toString('base64') });
    await hastenVolumes();
  },
  writeFlags: async (content) => {
    await patch(['configmap', `${RELEASE}-feature-flags`], { 'feature-flags.json': content });
    await hastenVolumes();
  },
});
