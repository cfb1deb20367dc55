// Datadog's Data Streams Monitoring of the hop from the outbox over Kafka to a consumer. Its checkpoints are set by hand, because the plugin of kafkajs
// is off and there is none for @platformatic/kafka. A checkpoint is a topic, a direction and times. Off unless DD_DATA_STREAMS_ENABLED=true.

import type { DataStreamsCheckpointer } from 'dd-trace';

import { PATHWAY_HEADER, type DataStreams } from '../trace-context.ts';

export const makeDataStreams = (checkpointer: DataStreamsCheckpointer): DataStreams => ({
  markProduced: (topic) => {
    const carrier: { [PATHWAY_HEADER]?: string } = {};
    checkpointer.setProduceCheckpoint('kafka', topic, carrier);
    return carrier[PATHWAY_HEADER]; // eslint-disable-line security/detect-object-injection -- a constant
  },
  markConsumed: (topic, pathway) => {
    try {
      checkpointer.setConsumeCheckpoint('kafka', topic, pathway === undefined ? {} : { [PATHWAY_HEADER]: pathway });
    } catch {
      // whatever a producer wrote into the header, the message is handled
    }
  },
});
