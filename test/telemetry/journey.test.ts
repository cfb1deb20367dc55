// One registration and one order, followed by their trace id from log line to span to metric through the four processes, and everything that the
// processes emitted meanwhile beside observability/telemetry.yaml.

import { describe, expect, it } from 'vitest';
import { loadContract, type Contract } from '../../scripts/telemetry/contract.ts';
import { valueOf } from '../../scripts/telemetry/exposition.ts';
import { TOPICS } from '../../src/messaging/event-topics.ts';
import { makeTestTopics } from '../support/test-topics.ts';
import { logFaults, metricFaults, privacyFaults, spanFaults, type LogLine } from './support/compare.ts';
import { makePerson, runJourney, type Person } from './support/journey.ts';
import { startSystem, type Emitted } from './support/system.ts';

const contract = loadContract();

const topics = makeTestTopics();
/** How many events Kafka has. */
const countEvents = async (): Promise<number> => {
  const ends = await Promise.all(TOPICS.map(topics.ends));
  return ends.flat().reduce((sum, { end }) => sum + end, 0);
};

const record = async (client: string, env: Record<string, string>, person: Person) => {
  const system = await startSystem({ client, env: { LOG_LEVEL: 'debug', ...env } });
  const eventsBefore = await countEvents();
  const { userId, orderId } = await runJourney(system, person);
  const example = await system.example.end();
  const worker = await system.worker.end();
  const relay = await system.relay.end();
  const api = await system.api.end();
  const events = (await countEvents()) - eventsBefore;
  return { api, relay, worker, example, events, all: [api, relay, worker, example], userId, orderId };
};

const lineOf = ({ lines }: Emitted, message: string, id: string): LogLine =>
  lines.find(({ msg, userId, orderId }) => msg === message && (userId === id || orderId === id)) ?? {};
const traceOf = (line: LogLine): string => String(line['dd.trace_id']);
/** The names of the spans of a trace. */
const spansOf = ({ spans }: Emitted, trace: string): string[] =>
  spans.filter(({ traceId }) => traceId === trace.slice(-16)).map(({ name }) => name);
const countOf = ({ spans }: Emitted, name: string): number => spans.filter((span) => span.name === name).length;
/** One span per statement. A span that failed may have been of a statement that was given up before it was sent, as on an overloaded machine. */
const statementFaults = ({ process, spans, statements }: Emitted): string[] => {
  const queries = spans.filter(({ name }) => name === 'pg.query');
  const failed = queries.filter(({ meta }) => 'error.type' in meta).length;
  const isOne = statements <= queries.length && statements >= queries.length - failed;
  return isOne ? [] : [`${process}: ${queries.length} spans, ${failed} of them failed, for ${statements} statements`];
};
const exemplarsOf = ({ families }: Emitted): (string | undefined)[] =>
  families.flatMap(({ samples }) => samples).map(({ exemplar }) => exemplar?.trace_id);

const compare = (emitted: Emitted, against: Contract): string[] => {
  const side = { ...emitted, contract: against };
  return [...metricFaults(side, emitted.families), ...logFaults(side, emitted.lines)];
};
const privateIn = ({ process, families, lines, spans }: Emitted, person: Person): string[] => {
  const values = Object.values(person);
  return [
    ...privacyFaults(process, 'a metric', families, values),
    ...privacyFaults(process, 'a log line', lines, values),
    ...privacyFaults(process, 'a span', spans, values),
  ];
};

const TRACE_FIELDS = ['dd.trace_id', 'dd.span_id'];
const withoutTraces: Contract = {
  ...contract,
  logFields: contract.logFields.filter(({ name }) => !TRACE_FIELDS.includes(name)),
};

describe('telemetry', { timeout: 180_000 }, () => {
  it.each(['kafkajs', 'platformatic'])(
    'with %s is what the contract says, in one trace across the processes',
    async (client) => {
      const person = makePerson();
      const { api, relay, worker, example, events, all, orderId, userId } = await record(client, {}, person);

      const registration = traceOf(lineOf(api, 'user registered', userId));
      const order = traceOf(lineOf(api, 'order placed', orderId));
      expect(order).toMatch(/^[\da-f]{32}$/);
      expect(traceOf(lineOf(worker, 'order confirmed', orderId))).toBe(order);
      // it may read messages of earlier tests, too
      const sent = example.lines.filter(({ msg, result }) => msg === 'event handled' && result === 'sent');
      expect(sent.map(traceOf)).toEqual(expect.arrayContaining([registration, order]));
      expect(spansOf(api, order)).toContain('fastify.request');
      expect(spansOf(relay, order)).toEqual(expect.arrayContaining(['outbox.publish', 'outbox.publish']));
      expect(spansOf(worker, order)).toContain('event.consume');
      expect(spansOf(example, order)).toContain('kafka.consume');
      expect(spansOf(example, registration)).toContain('kafka.consume');
      expect(exemplarsOf(api)).toContain(registration);
      expect(exemplarsOf(worker)).toContain(order);

      expect([api, relay, worker].flatMap(statementFaults)).toEqual([]);
      expect(countOf(api, 'redis.command')).toBe(api.commands);
      expect(countOf(relay, 'outbox.publish')).toBe(events);
      expect(valueOf(relay.families, 'outbox_published_total')).toBe(events);
      expect(countOf(worker, 'event.consume')).toBe(valueOf(worker.families, 'events_consumed_total'));
      expect(countOf(example, 'kafka.consume')).toBe(valueOf(example.families, 'events_consumed_total'));

      expect(
        all.flatMap((emitted) => [
          ...compare(emitted, contract),
          ...spanFaults({ ...emitted, contract }, emitted.spans),
        ]),
      ).toEqual([]);
      expect(all.flatMap((emitted) => privateIn(emitted, person))).toEqual([]);
    },
  );

  it('without a tracer has metrics and log lines without ids, and no exemplar', async () => {
    const person = makePerson();
    const { all, api, orderId } = await record('kafkajs', { APM: 'none', DD_TRACE_ENABLED: 'false' }, person);
    expect(lineOf(api, 'order placed', orderId)).not.toHaveProperty(['dd.trace_id']);
    expect(all.flatMap((emitted) => compare(emitted, withoutTraces))).toEqual([]);
    expect(all.flatMap(({ spans }) => spans)).toEqual([]);
    expect(all.flatMap(exemplarsOf).filter((id) => id !== undefined)).toEqual([]);
    expect(all.flatMap((emitted) => privateIn(emitted, person))).toEqual([]);
  });
});
