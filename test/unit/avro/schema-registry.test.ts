import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { MessagingError } from '../../../src/messaging/messaging-error.ts';
import { EVENTS_DIRECTORY, loadEventSchemas, type EventSchemas } from '../../../src/avro/schemas.ts';
import { makeSchemaRegistry } from '../../../src/avro/schema-registry.ts';
import { eventually } from '../../support/eventually.ts';
import {
  breaksOff,
  json,
  neverEnds,
  neverResponds,
  startFakeRegistry,
  type FakeRegistry,
} from '../../support/fakes/registry-server.ts';

const LOOK_UP = 'POST /subjects/';
const SCHEMA = 'GET /schemas/ids/';
const TIMEOUT_MS = 150;
const record = { type: 'record', name: 'Strange', namespace: 'elsewhere', fields: [] };

let schemas: EventSchemas;
let server: FakeRegistry;
beforeAll(async () => {
  schemas = await loadEventSchemas(EVENTS_DIRECTORY);
});
beforeEach(async () => {
  server = await startFakeRegistry({
    [LOOK_UP]: json(200, { id: 7 }),
    [`${SCHEMA}9`]: json(200, { schema: JSON.stringify(record) }),
  });
});
afterEach(() => server.close());

const open = (more: Partial<Parameters<typeof makeSchemaRegistry>[0]> = {}) =>
  makeSchemaRegistry({ url: server.url, username: '', timeoutMs: TIMEOUT_MS, schemas, ...more });

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => 'no error',
    (reason: unknown) => reason,
  );
  return error instanceof MessagingError ? error.code : String(error);
};

describe('the id of a schema', () => {
  it('is looked up once for concurrent and later callers', async () => {
    const { idOf } = open();

    expect(await Promise.all([idOf('UserErased'), idOf('UserErased')])).toEqual([7, 7]);
    expect(await idOf('UserErased')).toBe(7);

    const subject = encodeURIComponent('user-service.users.v1-user_service.events.UserErased');
    expect(server.requests.map(({ call }) => call)).toEqual([`POST /subjects/${subject}`]);
  });

  it('is unavailable while the schema is not registered yet: the deployment registers it', async () => {
    server.respond(LOOK_UP, json(404, { error_code: 40403, message: 'Schema not found' }));

    expect(await codeOf(open().idOf('UserErased'))).toBe('REGISTRY_UNAVAILABLE');
  });

  it('is rejected for an unknown event type', async () => {
    expect(await codeOf(open().idOf('UserRenamed'))).toBe('EVENT_UNENCODABLE');
    expect(server.requests).toEqual([]);
  });
});

describe('the schema of an id', () => {
  it('is looked up once', async () => {
    const { schemaOf } = open();

    const [first, second] = await Promise.all([schemaOf(9), schemaOf(9)]);

    expect(first.name).toBe('elsewhere.Strange');
    expect(await schemaOf(9)).toBe(first);
    expect(second).toBe(first);
    expect(server.requests).toHaveLength(1);
  });

  it('is not looked up again for 10 s when the registry has none', async () => {
    let now = 1;
    const { schemaOf } = open({ now: () => now });

    for (const afterMs of [0, 5000, 4999]) {
      now += afterMs;
      expect(await codeOf(schemaOf(404))).toBe('MESSAGE_UNREADABLE');
    }
    expect(server.requests.filter(({ call }) => call.startsWith(SCHEMA))).toHaveLength(1);

    now += 2;
    server.respond(`${SCHEMA}404`, json(200, { schema: JSON.stringify(record) }));
    expect((await schemaOf(404)).name).toBe('elsewhere.Strange');
  });

  it('is not missing for a server that responds 200 to everything', async () => {
    server.respond(LOOK_UP, json(200, '<html>'));
    server.respond(SCHEMA, json(200, '<html>'));

    expect(await codeOf(open().schemaOf(404))).toBe('REGISTRY_UNAVAILABLE');
  });

  it('is not missing for a registry that does not have our schemas either: it lost its data, or is a proxy', async () => {
    server.respond(LOOK_UP, json(404, { message: 'not found' }));

    expect(await codeOf(open().schemaOf(404))).toBe('REGISTRY_UNAVAILABLE');
  });

  it.each([
    ['no record', { schema: '"string"' }],
    ['no Avro', { schema: '{"type":"object"}', schemaType: 'JSON' }],
    ['no schema', { schema: '<html>' }],
  ])('is unreadable when it is %s', async (_what, body) => {
    server.respond(SCHEMA, json(200, body));

    expect(await codeOf(open().schemaOf(12))).toBe('MESSAGE_UNREADABLE');
  });
});

describe('a failing registry', () => {
  it.each([
    ['responds 500', json(500, { message: 'oops' })],
    ['responds 503', json(503, {})],
    ['rejects the password', json(401, { message: 'unauthorized' })],
    ['never responds', neverResponds],
    ['breaks off its response', breaksOff],
    ['never ends its response', neverEnds],
  ])('is unavailable when it %s: one request, within the deadline', async (_what, response) => {
    server.respond(LOOK_UP, response);
    server.respond(`${SCHEMA}9`, response);
    const { idOf, schemaOf } = open();
    const start = performance.now();

    expect(await Promise.all([codeOf(idOf('UserErased')), codeOf(schemaOf(9))])).toEqual([
      'REGISTRY_UNAVAILABLE',
      'REGISTRY_UNAVAILABLE',
    ]);

    expect(performance.now() - start).toBeLessThan(TIMEOUT_MS + 150);
    expect(server.requests).toHaveLength(2);
  });

  it('gets no request per failing message', async () => {
    let now = 1;
    server.respond(`${SCHEMA}9`, json(503, {}));
    const { schemaOf } = open({ now: () => now });

    for (let message = 0; message < 20; message += 1) await codeOf(schemaOf(9));
    expect(server.requests).toHaveLength(1);

    now += 501;
    server.respond(`${SCHEMA}9`, json(200, { schema: JSON.stringify(record) }));
    expect((await schemaOf(9)).name).toBe('elsewhere.Strange');
  });

  it('does not affect a process that has the schemas, nor its readiness', async () => {
    const { idOf, schemaOf, check } = open();
    await check();
    await schemaOf(9);
    await server.close();

    expect(await idOf('OrderPlaced')).toBe(7);
    expect((await schemaOf(9)).name).toBe('elsewhere.Strange');
    await expect(check()).resolves.toBeUndefined();
    expect(await codeOf(schemaOf(10))).toBe('REGISTRY_UNAVAILABLE');

    server = await startFakeRegistry({});
  });

  it('is not ready until every schema that this release writes was found', async () => {
    server.respond(LOOK_UP, json(503, {}));

    expect(await codeOf(open().check())).toBe('REGISTRY_UNAVAILABLE');
  });
});

describe('readiness', () => {
  it('is red while a message waits for a schema, and green again when that schema is found', async () => {
    const { schemaOf, check } = open({ timeoutMs: 5000 });
    await check();
    server.respond(`${SCHEMA}9`, json(500, {}));
    expect(await codeOf(schemaOf(9))).toBe('REGISTRY_UNAVAILABLE');
    expect(await codeOf(check())).toBe('REGISTRY_UNAVAILABLE');

    server.respond(`${SCHEMA}9`, json(200, { schema: JSON.stringify(record) }));
    await eventually(() => check());
  });

  it('is green when the missing schema turns out to be none of Avro: its message becomes a dead letter', async () => {
    const { schemaOf, check } = open({ timeoutMs: 5000 });
    await check();
    server.respond(`${SCHEMA}8`, json(500, {}));
    expect(await codeOf(schemaOf(8))).toBe('REGISTRY_UNAVAILABLE');

    server.respond(`${SCHEMA}8`, json(404, { error_code: 40403, message: 'Schema not found' }));
    await eventually(() => check());
  });
});

describe('credentials', () => {
  it('are sent with each request, with the current password', async () => {
    let password = 'first';
    const { idOf } = open({ username: 'service', password: () => password });
    await idOf('UserErased');
    password = 'second';
    await idOf('OrderPlaced');

    const sent = server.requests.map(({ authorization = '' }) =>
      Buffer.from(authorization.slice(6), 'base64').toString(),
    );
    expect(sent).toEqual(['service:first', 'service:second']);
  });

  it('are omitted without a username', async () => {
    await open().idOf('UserErased');

    expect(server.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });
});
