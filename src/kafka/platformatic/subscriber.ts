import type { Subscriber } from '../../messaging/subscriber.ts';
import type { KafkaConnection } from '../connection.ts';
import { joinPlatformaticGroup } from './membership.ts';
import { openPlatformaticOffsets } from './offsets.ts';
import { makeSubscriber, type SubscriberSettings } from '../consumer/subscriber.ts';

/** On @platformatic/kafka; connects when it is started. */
export const makePlatformaticSubscriber = (options: KafkaConnection & SubscriberSettings): Subscriber =>
  makeSubscriber({
    ...options,
    join: (settings) => joinPlatformaticGroup({ connection: options, ...settings }),
    openOffsets: () => Promise.resolve(openPlatformaticOffsets(options, options.group)),
  });
