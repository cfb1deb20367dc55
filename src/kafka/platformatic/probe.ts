import { Base } from '@platformatic/kafka';

import type { KafkaConnection, Probe } from '../connection.ts';
import { platformaticOptions } from './client.ts';

export const openPlatformaticProbe = (connection: KafkaConnection): Promise<Probe> => {
  const client = new Base(platformaticOptions(connection));
  return Promise.resolve({
    ask: async () => {
      await client.metadata({ forceUpdate: true });
    },
    close: () => client.close(),
  });
};
