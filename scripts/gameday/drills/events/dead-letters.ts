import type { Drill } from '../../drill.ts';
import { assertDecided } from './assertions.ts';

const TOPIC = 'user-service.orders.v1';
const MESSAGES = 12;

export const drill: Drill = {
  name: 'dead-letters',
  title: 'Somebody writes messages to the topic of the orders that are no events.',
  alert: 'DeadLetters',
  labels: { topic: TOPIC },
  runbook: 'dead-letters',
  blocks: ['list', 'rate', 'log', 'discard', 'verify'],
  fillIn: () => Promise.resolve({ TOPIC, ERROR: 'MESSAGE_UNREADABLE' }),
  question: 'Twelve messages could not be handled. Redrive or discard them?',
  answer:
    'Discard. MESSAGE_UNREADABLE: the bytes are no event of a known schema, so they fail again however often they are redriven. Their traces ' +
    'begin with event.consume, so they did not come from this service: find out who may write to the topic.',
  log: { process: 'worker', line: /event published as a dead letter/ },
  inject: (stack) =>
    stack.produce(
      TOPIC,
      Array.from({ length: MESSAGES }, (_, n) => ({ key: `import-${n}`, value: `order;${n};19,99;EUR` })),
    ),
  recovered: assertDecided,
  undo: () => Promise.resolve(), // dead letters disturb nobody, and the alert ends with its window
};
