import type { Subscriber } from '../../messaging/subscriber.ts';
import type { KafkaConnection } from '../connection.ts';
import { joinKafkajsGroup } from './membership.ts';
import { openKafkajsOffsets } from './offsets.ts';
import { makeSubscriber, type SubscriberSettings } from '../consumer/subscriber.ts';

/** On kafkajs; connects when it is started. */
export const makeKafkajsSubscriber = (options: KafkaConnection & SubscriberSettings): Subscriber =>
  makeSubscriber({
    ...options,
    join: (settings) => joinKafkajsGroup({ connection: options, ...settings }),
    openOffsets: () => openKafkajsOffsets(options, options.group),
  });
