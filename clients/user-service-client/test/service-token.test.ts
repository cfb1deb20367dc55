import { describe, expect, it } from 'vitest';

import { makeServiceToken } from '../src/user-service-client.ts';

const arrange = () => {
  const asked: object[] = [];
  const clock = { ms: 0 };
  const client = {
    issueClientToken: (body: object) => {
      asked.push(body);
      const token = {
        access_token: `token-${asked.length}`,
        token_type: 'Bearer',
        expires_in: 300,
        scope: '',
      } as const;
      return Promise.resolve({ status: 200, body: token, headers: {} } as const);
    },
  };
  const clientSecret = () => `secret-${asked.length}`;
  const getAccessToken = makeServiceToken({
    client,
    clientId: 'notification-service',
    clientSecret,
    now: () => clock.ms,
  });
  return { asked, clock, getAccessToken };
};

describe('the token of a service', () => {
  it('is asked for with its credentials', async () => {
    const { asked, getAccessToken } = arrange();

    expect(await getAccessToken()).toBe('token-1');
    expect(asked).toEqual([
      { grant_type: 'client_credentials', client_id: 'notification-service', client_secret: 'secret-0' },
    ]);
  });

  it('is kept for most of its life, and then replaced, with the secret of that time', async () => {
    const { asked, clock, getAccessToken } = arrange();
    await getAccessToken();

    clock.ms = 239_999;
    expect(await getAccessToken()).toBe('token-1');
    clock.ms = 240_000;
    expect(await getAccessToken()).toBe('token-2');
    expect(asked).toMatchObject([{ client_secret: 'secret-0' }, { client_secret: 'secret-1' }]);
  });

  it('is replaced when it was refused, but not for one that is no longer used', async () => {
    const { getAccessToken } = arrange();
    const first = await getAccessToken();

    expect(await getAccessToken(first)).toBe('token-2');
    expect(await getAccessToken(first)).toBe('token-2');
  });

  it('is asked for once by calls at the same time', async () => {
    const { asked, getAccessToken } = arrange();

    expect(await Promise.all([getAccessToken(), getAccessToken(), getAccessToken()])).toEqual(Array(3).fill('token-1'));
    expect(asked).toHaveLength(1);
  });

  it('is asked for again after a failure', async () => {
    const { getAccessToken } = arrange();
    let failures = 1;
    const client = {
      issueClientToken: () => {
        if (failures-- > 0) return Promise.reject(new Error('down'));
        const body = { access_token: 'later', token_type: 'Bearer', expires_in: 300, scope: '' } as const;
        return Promise.resolve({ status: 200, body, headers: {} } as const);
      },
    };
    const failing = makeServiceToken({ client, clientId: 'a', clientSecret: () => 'b' });

    await expect(failing()).rejects.toThrow('down');
    expect(await failing()).toBe('later');
    expect(await getAccessToken()).toBe('token-1');
  });
});
