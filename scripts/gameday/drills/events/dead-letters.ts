import { eventually } from '../../../../test/support/eventually.ts';
import type { Drill } from '../../drill.ts';
import type { Stack } from '../../stacks/stack.ts';
import { assertDecided } from './assertions.ts';

const TOPIC = 'user-service.orders.v1';
const MESSAGES = 12;
const COUNTED = 'min(count_over_time(events_consumed_total{job="worker",result="dead-lettered"}[10s])) >= 2';

/** The series begin at 0 with the process, but an increase is seen only if Prometheus has scraped them before. */
const waitForFirstSamples = (stack: Stack): Promise<void> =>
  eventually(
    async () => {
      const url = `${stack.variables.PROMETHEUS_URL ?? ''}/api/v1/query?query=${encodeURIComponent(COUNTED)}`;
      const { data } = (await (await fetch(url)).json()) as { data: { result: readonly unknown[] } };
      if (data.result.length === 0) throw new Error('Prometheus has no samples of the worker yet.');
    },
    { deadlineMs: 20_000, everyMs: 250 },
  );

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
  prepare: waitForFirstSamples,
  inject: (stack) =>
    stack.produce(
      TOPIC,
      Array.from({ length: MESSAGES }, (_, n) => ({ key: `import-${n}`, value: `order;${n};19,99;EUR` })),
    ),
  recovered: assertDecided,
  undo: () => Promise.resolve(), // dead letters disturb nobody, and the alert ends with its window
};
