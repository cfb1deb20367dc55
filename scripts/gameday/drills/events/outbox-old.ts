import type { Drill } from '../../drill.ts';
import { assertDecided } from './assertions.ts';

/** Reserved (RFC 6761): no name server knows it. */
const NOWHERE = 'kafka.invalid:9092';

export const drill: Drill = {
  name: 'outbox-old',
  title: 'A release of the relay has a wrong address of the brokers.',
  alert: 'OutboxOld',
  runbook: 'outbox-old',
  blocks: ['relay', 'dependencies', 'log', 'oldest', 'rollback', 'verify'],
  notOn: {
    kubectl:
      'a relay that reaches no broker is not ready, so Kubernetes keeps the one of before, and the outbox does not grow',
  },
  question: 'The outbox grows. Is Kafka down?',
  answer:
    'No. Only the relay reports kafka as down; the worker reads from the same brokers. So the address, the password or the network of the relay is ' +
    'wrong, and its last release is the first suspect.',
  log: { process: 'relay', line: /kafka\.invalid|"reason":"kafka"|not ready/ },
  inject: (stack) => stack.deploy('relay', { KAFKA_BROKERS: NOWHERE }),
  recovered: assertDecided,
  undo: (stack) => stack.rollBack('relay'),
};
