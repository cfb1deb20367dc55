import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';

import { addHooks } from '../../../src/http/hooks/add-hooks.ts';
import { makeSecurityHeaders } from '../../../src/http/hooks/security-headers.ts';

const securityHeaders = makeSecurityHeaders({ isDraining: () => false });

describe('a set of hooks', () => {
  it('applies to every route of the application', async () => {
    const app = Fastify();
    addHooks(app, securityHeaders);
    app.register((child, _options, done) => {
      child.get('/', () => 'ok');
      done();
    });

    expect((await app.inject('/')).headers).toHaveProperty('x-content-type-options', 'nosniff');
    await app.close();
  });

  it('runs its synchronous hooks after the others, up to the one that throws', async () => {
    const app = Fastify();
    const ran: string[] = [];
    addHooks(
      app,
      { onRequestSync: () => ran.push('first') },
      {
        onRequestSync: () => {
          throw Object.assign(new Error('refused'), { statusCode: 418 });
        },
      },
      { onRequestSync: () => ran.push('never') },
      {
        onRequest: (_request, _reply, done) => {
          ran.push('before');
          done();
        },
      },
    );
    app.get('/', () => ran.push('route'));

    expect((await app.inject('/')).statusCode).toBe(418);
    expect(ran).toEqual(['before', 'first']);
    await app.close();
  });

  it('is not a plugin: registering it as one throws', async () => {
    const app = Fastify();

    await expect(async () => {
      await app.register(securityHeaders as never);
    }).rejects.toThrow('Plugin must be a function');
  });
});
