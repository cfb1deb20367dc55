// The gauge of the messages that a group has not consumed yet. It has a connection of its own: the lag counts most while nobody is a member.

import type { Subscriber } from '../messaging/subscriber.ts';
import type { Log } from '../observability/log-fields.ts';
import { makeRepeat } from '../resilience/repeat.ts';
import type { Foundation } from './foundation.ts';

type Deps = Pick<Foundation, 'metrics' | 'lifecycle'> & {
  readonly logger: Pick<Log, 'debug'>;
  readonly topics: readonly string[];
  /** Never started. */
  readonly observer: Pick<Subscriber, 'positions' | 'close'>;
};

const LAG_EVERY_MS = 5000;

export const startLagGauge = ({ topics, observer, logger, metrics, lifecycle }: Deps): void => {
  const measure = async (topic: string): Promise<void> => {
    for (const { partition, next, end } of await observer.positions(topic))
      metrics.consumerLag.set({ topic, partition }, Number(BigInt(end) - BigInt(next)));
  };
  const lag = makeRepeat({
    everyMs: LAG_EVERY_MS,
    work: () => Promise.all(topics.map(measure)),
    onError: (err) => {
      logger.debug({ err }, 'lag measurement failed');
    },
  });
  lag.start();
  lifecycle.add('lag gauge', async () => {
    await Promise.all([lag.close(), observer.close()]);
  });
};
