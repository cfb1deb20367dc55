import { topicOf } from '../../src/messaging/event-topics.ts';
import { makeMemorySchemaIds } from '../../src/embedded/memory/schema-ids.ts';
import { makeEventCodec } from '../../src/avro/codec.ts';
import { EVENTS_DIRECTORY, loadEventSchemas } from '../../src/avro/schemas.ts';
import type { EventType } from '../../src/messaging/event-topics.ts';
import type { OutboxRow } from '../../src/outbox/ports.ts';
import { makePublishBatch } from '../../src/outbox/publish-batch.ts';
import { makeOutboxShards } from '../../src/postgres/outbox/outbox-shards.ts';
import type { ServicePool } from '../../src/postgres/pool.ts';
import { makeFakePublisher } from '../support/fakes/publisher.ts';

const newestRow = async (pool: ServicePool, type: EventType): Promise<OutboxRow> => {
  const leadership = await makeOutboxShards(pool).lead(0, 1);
  const rows = await leadership?.fetch(10_000, []);
  await leadership?.resign();
  const row = rows?.findLast((one) => one.type === type);
  if (row === undefined) throw new Error(`The outbox contains no ${type}.`);
  return row;
};

/** The newest message of `type` as a consumer receives it: the outbox row, published like the relay does, and decoded from Avro. */
export const makeOutboxMessages = async (pool: ServicePool) => {
  const schemas = await loadEventSchemas(EVENTS_DIRECTORY);
  const { encode, decode } = makeEventCodec({ schemas, registry: makeMemorySchemaIds(schemas) });

  return async (type: EventType) => {
    const { publisher, published } = makeFakePublisher();
    const publish = makePublishBatch({
      topicOf,
      encode,
      publisher,
      continueTrace: (_work, run) => run(),
      currentTraceparent: () => undefined,
    });
    await publish([await newestRow(pool, type)]);
    const [message] = published;
    if (!message?.value) throw new Error(`No ${type} was published.`);
    const { type: schema, payload } = await decode(message.value);
    return { __pactMessageMetadata: { topic: message.topic, schema }, message: payload };
  };
};

export type ReadMessage = Awaited<ReturnType<typeof makeOutboxMessages>>;
