import type { KafkaConnection, Probe } from '../connection.ts';
import { makeKafkajs } from './client.ts';

export const openKafkajsProbe = async (connection: KafkaConnection): Promise<Probe> => {
  const admin = makeKafkajs(connection).admin();
  await admin.connect();
  return {
    ask: async () => {
      await admin.describeCluster();
    },
    close: () => admin.disconnect(),
  };
};
