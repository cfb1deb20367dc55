// The metrics of events: outbox, relay and consumers. Part of metrics.ts.

import { Counter, Gauge } from 'prom-client';

import { countKnown } from './known-labels.ts';
import type { OpenMetricsRegistry } from './traced-histogram.ts';

/** Without a sample until it is set: a 0 from processes that never measure it would hide that no process does, see `absent()`. */
const gaugeOnceSet = (options: { name: string; help: string; registers: OpenMetricsRegistry[] }): Gauge => {
  const gauge = new Gauge(options);
  gauge.remove();
  return gauge;
};

export const eventMetrics = (registers: OpenMetricsRegistry[], topics: readonly string[]) => ({
  outboxPublished: countKnown({
    name: 'outbox_published_total',
    help: 'Total events acknowledged by the broker, by topic',
    values: { topic: topics },
    registers,
  }),
  outboxInterruptions: new Counter({
    name: 'outbox_interruptions_total',
    help: 'Total failed publish attempts because the broker, the registry or the database is down',
    registers,
  }),
  outboxEvents: new Gauge({
    name: 'outbox_events',
    help: 'Events in the outbox by state: pending, or parked because they can not be published; limited to 100000',
    labelNames: ['state'],
    registers,
  }),
  outboxOldestSeconds: gaugeOnceSet({
    name: 'outbox_oldest_event_seconds',
    help: 'Age of the oldest pending event in the outbox, 0 without one',
    registers,
  }),
  outboxLeader: new Gauge({
    name: 'outbox_leader',
    help: '1 if this process is the leader of the shard, else 0',
    labelNames: ['shard'],
    registers,
  }),
  eventsConsumed: countKnown({
    name: 'events_consumed_total',
    help: 'Total consumed messages by topic and result: handled, skipped, retried or dead-lettered',
    values: { topic: topics, result: ['handled', 'skipped', 'retried', 'dead-lettered'] },
    registers,
  }),
  consumerLag: new Gauge({
    name: 'consumer_lag_messages',
    help: 'Messages not yet consumed, by topic and partition',
    labelNames: ['topic', 'partition'],
    registers,
  }),
});
