import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseClients } from '../../../src/auth/clients.ts';
import { CodedError } from '../../../src/errors/coded-error.ts';

const HASH = createHash('sha256').update('s3cret').digest('hex');
const CLIENT = { secretSha256: [HASH], scopes: ['users:read'] };
const withClient = (client: unknown): string => JSON.stringify({ good: CLIENT, 'client-of-hunter2': client });

describe('parseClients', () => {
  it('reads the clients by id', () => {
    expect(parseClients(JSON.stringify({ svc: CLIENT })).get('svc')).toEqual({
      secretHashes: [Buffer.from(HASH, 'hex')],
      scopes: ['users:read'],
    });
    expect(parseClients('{}').size).toBe(0);
  });

  it.each(['__proto__', 'constructor', 'toString'])('knows no client %s unless it is an entry', (id) => {
    expect(parseClients(JSON.stringify({ svc: CLIENT })).get(id)).toBeUndefined();
    expect(parseClients(`{"${id}":${JSON.stringify(CLIENT)}}`).get(id)?.scopes).toEqual(['users:read']);
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', 'hunter2', /^is not JSON$/],
    ['half of it', '{"svc":', /^is not JSON$/],
    ['null', 'null', /JSON object/],
    ['a number', '1', /JSON object/],
    ['a list', JSON.stringify([CLIENT]), /JSON object/],
    ['an empty id', JSON.stringify({ '': CLIENT }), /number 1.*id/],
    ['an id with a space', JSON.stringify({ 'a b': CLIENT }), /number 1.*id/],
    ['a client that is null', withClient(null), /number 2/],
    ['a client that is text', withClient(HASH), /number 2/],
    ['a client without secretSha256', withClient({ scopes: [] }), /number 2.*secretSha256/],
    ['a client without scopes', withClient({ secretSha256: [HASH] }), /number 2.*scopes/],
    ['a hash that is not in a list', withClient({ ...CLIENT, secretSha256: HASH }), /number 2.*secretSha256/],
    ['no hash', withClient({ ...CLIENT, secretSha256: [] }), /number 2.*secretSha256/],
    ['a hash that is too short', withClient({ ...CLIENT, secretSha256: [HASH.slice(1)] }), /number 2.*64/],
    ['a hash that is not hexadecimal', withClient({ ...CLIENT, secretSha256: ['x'.repeat(64)] }), /number 2.*64/],
    ['a hash that is a number', withClient({ ...CLIENT, secretSha256: [1] }), /number 2.*64/],
    ['scopes in a text', withClient({ ...CLIENT, scopes: 'users:read' }), /number 2.*scopes/],
    ['an unknown scope', withClient({ ...CLIENT, scopes: ['users:read', 'hunter2'] }), /number 2.*scopes/],
  ])('rejects %s, without content in the message', (_what, text, message) => {
    const parse = () => parseClients(text);
    expect(parse).toThrow(CodedError);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/hunter2|[0-9a-f]{20}/);
  });
});
