import { describe, expect, it } from 'vitest';

import { find, WAYS, type Recipe, type Running } from '../../support/servers.ts';

const opens = (server: string) => (): Promise<Running<string>> =>
  Promise.resolve({ server, stop: () => Promise.resolve() });
const closed = (reason: string) => (): Promise<Running<string>> => Promise.reject(new Error(reason));

const recipe = (ways: Partial<Recipe<string>['ways']>): Recipe<string> => ({
  name: 'Redis',
  ways: { env: closed('no address'), docker: closed('no engine'), native: closed('no binary'), ...ways },
});

describe('finding a server', () => {
  it('takes the first way that is open', async () => {
    const { running } = await find(recipe({ docker: opens('container'), native: opens('process') }), WAYS);
    expect(running?.server).toBe('container');
  });

  it('says which way it was and why the ones before it were not', async () => {
    const { report } = await find(recipe({ native: opens('process') }), WAYS);
    expect(report).toMatch(/^Redis: native, ready in \d+ ms · not env: no address · not docker: no engine$/);
  });

  it('gives no server and every reason when all ways are closed', async () => {
    const found = await find(recipe({}), WAYS);
    expect(found).toEqual({
      report: 'Redis: none · not env: no address · not docker: no engine · not native: no binary',
    });
  });

  it('tries no way that is not allowed', async () => {
    const { running } = await find(recipe({ docker: opens('container') }), ['native']);
    expect(running).toBeUndefined();
  });
});
