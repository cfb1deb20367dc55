// The dependencies of the processes of a run: stores, their own Kafka with its topics, the registry of the test run.

import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';

import { makeServiceCodec, startServiceKafka } from '../../support/service-surroundings.ts';
import { makeStoreSurroundings } from './store-surroundings.ts';

/** @param options migrated: false for a database without tables */
export const makeSurroundings = async (options: { readonly migrated?: boolean } = {}) => {
  const [stores, kafka] = await Promise.all([makeStoreSurroundings(options), startServiceKafka()]);
  const codec = await makeServiceCodec();

  return {
    ...stores,
    kafka,
    codec,
    env: {
      ...stores.env,
      KAFKA_BROKERS: kafka.brokers.join(','),
      SCHEMA_REGISTRY_URL: inject('registry').url,
      CONSUMERS_GROUP: `worker-${randomUUID()}`,
      CONSUMERS_SESSION_TIMEOUT_MS: '6000',
      PAYMENTS_DELAY_MS: '0',
    },
    close: async (): Promise<void> => {
      await Promise.all([kafka.close(), stores.close()]);
    },
  };
};

export type Surroundings = Awaited<ReturnType<typeof makeSurroundings>>;
