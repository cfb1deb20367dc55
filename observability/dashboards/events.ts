// From the outbox to the consumers.

import { SCOPE, type DashboardSource, type Row } from './panels.ts';

const NO_RELAY = 'no relay process is scraped';
const NO_CONSUMER = 'no consumer is scraped';

const now: Row = {
  title: 'Now',
  panels: [
    {
      title: 'Oldest pending event',
      description: 'Age of the oldest event that is not yet published. The objective is 5 s.',
      runbooks: ['outbox-old', 'event-freshness-burn'],
      unit: 's',
      isStat: true,
      threshold: 5,
      queries: [{ expr: `max(outbox_oldest_event_seconds{${SCOPE}})`, legend: 'age' }],
      noData: NO_RELAY,
    },
    {
      title: 'Parked events',
      description: 'Events that can not be published. They stay until somebody looks: docs/dead-letters.md.',
      runbooks: ['events-parked'],
      unit: 'short',
      isStat: true,
      threshold: 1,
      queries: [{ expr: `max(outbox_events{${SCOPE},state="parked"})`, legend: 'parked' }],
      noData: NO_RELAY,
    },
    {
      title: 'Dead letters in the time range',
      description: 'Messages that no handler could process, of all consumers: docs/dead-letters.md.',
      runbooks: ['dead-letters'],
      unit: 'short',
      isStat: true,
      threshold: 1,
      queries: [
        {
          expr: `sum(increase(events_consumed_total{${SCOPE},result="dead-lettered"}[$__range]))`,
          legend: 'dead letters',
        },
      ],
      noData: NO_CONSUMER,
    },
    {
      title: 'Consumer lag',
      description: 'Messages that the worker has not yet handled, over all partitions.',
      runbooks: ['consumer-lag'],
      unit: 'short',
      isStat: true,
      threshold: 1000,
      queries: [{ expr: `sum(max by (topic, partition) (consumer_lag_messages{${SCOPE}}))`, legend: 'messages' }],
      noData: NO_CONSUMER,
    },
  ],
};

const outbox: Row = {
  title: 'Outbox and relay',
  panels: [
    {
      title: 'Events in the outbox',
      description: 'Pending, and parked because they can not be published. Counted up to 100,000.',
      unit: 'short',
      queries: [{ expr: `max by (state) (outbox_events{${SCOPE}})`, legend: '{{state}}' }],
      noData: NO_RELAY,
    },
    {
      title: 'Age of the oldest pending event',
      description: 'The objective: at most 5 s.',
      unit: 's',
      threshold: 5,
      queries: [{ expr: `max(outbox_oldest_event_seconds{${SCOPE}})`, legend: 'age' }],
      noData: NO_RELAY,
    },
    {
      title: 'Published by topic',
      description: 'Events that the broker has acknowledged.',
      unit: 'cps',
      queries: [
        { expr: `sum by (topic) (rate(outbox_published_total{${SCOPE}}[$__rate_interval]))`, legend: '{{topic}}' },
      ],
      noData: NO_RELAY,
    },
    {
      title: 'Interruptions and leaders',
      description:
        'Failed attempts to publish in the time range, and leaders per shard, of which there is exactly one.',
      unit: 'short',
      queries: [
        { expr: `sum(increase(outbox_interruptions_total{${SCOPE}}[$__range]))`, legend: 'interruptions' },
        { expr: `sum by (shard) (outbox_leader{${SCOPE}})`, legend: 'leaders of shard {{shard}}' },
      ],
      noData: NO_RELAY,
    },
  ],
};

const consumers: Row = {
  title: 'Consumers',
  panels: [
    {
      title: 'Consumed by process and result',
      description: 'Retried ones wait for a dependency. Dead-lettered ones are in the dead letter topic.',
      unit: 'cps',
      queries: [
        {
          expr: `sum by (job, result) (rate(events_consumed_total{${SCOPE}}[$__rate_interval]))`,
          legend: '{{job}} {{result}}',
        },
      ],
      noData: NO_CONSUMER,
    },
    {
      title: 'Dead letters by process',
      description: 'In the last five minutes.',
      unit: 'short',
      threshold: 1,
      queries: [
        {
          expr: `sum by (job) (increase(events_consumed_total{${SCOPE},result="dead-lettered"}[5m]))`,
          legend: '{{job}}',
        },
      ],
      noData: NO_CONSUMER,
    },
    {
      title: 'Lag by topic and partition',
      description: 'Messages that the worker has not yet handled.',
      unit: 'short',
      queries: [
        {
          expr: `max by (topic, partition) (consumer_lag_messages{${SCOPE}})`,
          legend: '{{topic}} {{partition}}',
        },
      ],
      noData: NO_CONSUMER,
    },
    {
      title: 'Retries of notification-service',
      description: 'It retries while user-service or the registry is down.',
      unit: 'cps',
      queries: [{ expr: `sum(rate(event_retries_total{${SCOPE}}[$__rate_interval]))`, legend: 'retries' }],
      noData: 'notification-service is not scraped',
    },
  ],
};

export const events: DashboardSource = {
  uid: 'user-service-events',
  title: 'user-service: events and outbox',
  description: 'Are events published and consumed in time, and does any need a person?',
  rows: [now, outbox, consumers],
};
