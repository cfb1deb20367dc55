import type { Drill } from '../../drill.ts';
import { assertDecided } from './assertions.ts';

export const drill: Drill = {
  name: 'kafka-down',
  title: 'The Kafka broker is killed.',
  alert: 'OutboxOld',
  runbook: 'kafka-down',
  blocks: ['who-sees-it', 'broker', 'log', 'restart', 'verify', 'undecided'],
  question: 'The outbox grows and no order is decided, but no request fails. Which process has to be repaired?',
  answer:
    'None of ours: relay and worker both report that kafka is down. Start the broker again, with its data. They go on by themselves, and every order ' +
    'that was accepted meanwhile is decided.',
  log: { process: 'relay', line: /publishing failed, retrying/ },
  inject: (stack) => stack.kill('kafka'),
  recovered: assertDecided,
  undo: (stack) => stack.start('kafka'),
};
