// The client of the schema registry over TLS: a real registry behind a proxy that ends TLS, as an ingress does.

import { once } from 'node:events';
import { request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';

import { isNotFound, makeRegistryClient } from '../../src/avro/registry-client.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { eventually } from '../support/eventually.ts';
import { makePrivateAuthority } from '../support/private-authority.ts';
import { useFiles } from './support/files.ts';

const files = useFiles();
const before = makePrivateAuthority('Authority A');
const after = makePrivateAuthority('Authority B');
const named = { addresses: [] };
const { url } = inject('registry');

const forward = (request: IncomingMessage, response: ServerResponse): void => {
  const target = new URL(request.url ?? '/', url);
  const headers = { ...request.headers, host: target.host };
  const outgoing = send(target, { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  request.pipe(outgoing);
};

let server: Server;
beforeAll(async () => {
  server = createServer(before.issue(named), forward).listen(0);
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  server.setSecureContext(before.issue(named));
  files.write('ca.pem', before.pem);
});

const clientOf = (host = 'localhost', ca: string | undefined = `${files.folder}/ca.pem`) => {
  const { port } = server.address() as AddressInfo;
  const { pathname } = new URL(url);
  const settings = {
    DD_ENV: 'staging',
    SCHEMA_REGISTRY_URL: `https://${host}:${port}${pathname}`,
    SCHEMA_REGISTRY_TLS_CA_FILE: ca,
  };
  return makeRegistryClient(loadConfig(settings, ['schemaRegistry']).schemaRegistry);
};

/** 'answered' when the registry says that there is no such subject; else why it could not be asked. */
const ask = async (client: ReturnType<typeof clientOf>): Promise<string> => {
  try {
    await client.getLatestSchemaId('no-such-subject');
    return 'a schema';
  } catch (error) {
    return isNotFound(error) ? 'answered' : String(error);
  }
};

it('reaches a registry whose authority and name are right', async () => {
  expect(await ask(clientOf())).toBe('answered');
});

it('does not reach one with another name, of another authority, or when it trusts those of Node only', async () => {
  expect(await ask(clientOf('127.0.0.1'))).toMatch(/altnames/);
  expect(await ask(clientOf('localhost', ''))).toMatch(/unable to verify|unable to get/);
  files.write('ca.pem', after.pem);
  expect(await ask(clientOf())).toMatch(/unable to verify|unable to get/);
});

it('goes on while the authority is replaced: both in the file, then the new one only', async () => {
  const client = clientOf();
  expect(await ask(client)).toBe('answered');
  files.write('ca.pem', `${before.pem}\n${after.pem}`);
  server.setSecureContext(after.issue(named));
  server.closeAllConnections();
  await eventually(async () => {
    expect(await ask(client)).toBe('answered');
  });
  files.write('ca.pem', after.pem);
  await eventually(async () => {
    expect(await ask(clientOf())).toBe('answered');
    expect(await ask(client)).toBe('answered');
  });
});
