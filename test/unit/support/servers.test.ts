import { describe, expect, it } from 'vitest';

import { find, WAYS, type Recipe, type Running } from '../../support/servers.ts';

const available = (server: string) => (): Promise<Running<string>> =>
  Promise.resolve({ server, stop: () => Promise.resolve() });
const unavailable = (reason: string) => (): Promise<Running<string>> => Promise.reject(new Error(reason));

const recipe = (ways: Partial<Recipe<string>['ways']>): Recipe<string> => ({
  name: 'Redis',
  ways: { env: unavailable('no address'), docker: unavailable('no engine'), native: unavailable('no binary'), ...ways },
});

describe('finding a server', () => {
  it('uses the first available way', async () => {
    const { running } = await find(recipe({ docker: available('container'), native: available('process') }), WAYS);
    expect(running?.server).toBe('container');
  });

  it('reports the way, and why the earlier ones are unavailable', async () => {
    const { report } = await find(recipe({ native: available('process') }), WAYS);
    expect(report).toMatch(/^Redis: native, ready in \d+ ms · not env: no address · not docker: no engine$/);
  });

  it('returns no server and every reason when all ways are unavailable', async () => {
    const found = await find(recipe({}), WAYS);
    expect(found).toEqual({
      report: 'Redis: none · not env: no address · not docker: no engine · not native: no binary',
    });
  });

  it('tries only allowed ways', async () => {
    const { running } = await find(recipe({ docker: available('container') }), ['native']);
    expect(running).toBeUndefined();
  });
});
