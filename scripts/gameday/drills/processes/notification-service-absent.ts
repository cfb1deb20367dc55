import type { Drill } from '../../drill.ts';

export const drill: Drill = {
  name: 'notification-service-absent',
  title: 'The example consumer is killed and nothing starts it again.',
  alert: 'NotificationServiceAbsent',
  runbook: 'notification-service-absent',
  blocks: ['processes', 'log', 'ask-api', 'start', 'verify'],
  notOn: { kubectl: 'the charts do not install the example consumer' },
  question: 'Orders are decided, but users get no e-mails. Are the e-mails lost?',
  answer:
    'No. The consumer has not committed the offsets of the events that it did not handle: they wait in Kafka for 7 days, and it continues there.',
  log: { process: 'notification-service', line: /notification-service is listening/ },
  inject: (stack) => stack.kill('notification-service'),
  undo: (stack) => stack.start('notification-service'),
};
