import { logLevel, type LogEntry, type logCreator } from 'kafkajs';

import type { Log } from '../../observability/log-fields.ts';

/** kafkajs says ERROR for every answer it is about to try again; only these are about something that it gave up. */
const GIVEN_UP = /^(?:Caught error|Failed to execute listener|Error when calling)/;

/** The client's own lines, with its words as a field. What a caller has to know reaches it as a rejection and is logged there. */
export const makeKafkajsLog =
  (logger: Log): logCreator =>
  () =>
  ({ level, namespace, log }: LogEntry) => {
    const fields = { dependency: 'kafka', step: namespace, reason: log.message };
    if (level === logLevel.ERROR && GIVEN_UP.test(log.message)) logger.error(fields, 'the Kafka client met a fault');
    else logger.debug(fields, 'the Kafka client reports');
  };
