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

  it('is not a plugin: registering it as one throws', async () => {
    const app = Fastify();

    await expect(async () => {
      await app.register(securityHeaders as never);
    }).rejects.toThrow('Plugin must be a function');
  });
});
