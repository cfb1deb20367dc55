import { describe, expect, it } from 'vitest';

import { makeServiceToken } from '../src/user-service-client.ts';

const arrange = () => {
  const requests: object[] = [];
  const clock = { ms: 0 };
  const client = {
    issueClientToken: (body: object) => {
      requests.push(body);
      const token = {
        access_token: `token-${requests.length}`,
        token_type: 'Bearer',
        expires_in: 300,
        scope: '',
      } as const;
      return Promise.resolve({ status: 200, body: token, headers: {} } as const);
    },
  };
  const clientSecret = () => `secret-${requests.length}`;
  const getAccessToken = makeServiceToken({
    client,
    clientId: 'notification-service',
    clientSecret,
    now: () => clock.ms,
  });
  return { requests, clock, getAccessToken };
};

describe('makeServiceToken', () => {
  it('requests a token with the client credentials', async () => {
    const { requests, getAccessToken } = arrange();

    expect(await getAccessToken()).toBe('token-1');
    expect(requests).toEqual([
      { grant_type: 'client_credentials', client_id: 'notification-service', client_secret: 'secret-0' },
    ]);
  });

  it('caches the token for 80 % of its lifetime, then requests a new one with the current secret', async () => {
    const { requests, clock, getAccessToken } = arrange();
    await getAccessToken();

    clock.ms = 239_999;
    expect(await getAccessToken()).toBe('token-1');
    clock.ms = 240_000;
    expect(await getAccessToken()).toBe('token-2');
    expect(requests).toMatchObject([{ client_secret: 'secret-0' }, { client_secret: 'secret-1' }]);
  });

  it('replaces a rejected token once, and ignores the rejection of an older token', async () => {
    const { getAccessToken } = arrange();
    const first = await getAccessToken();

    expect(await getAccessToken(first)).toBe('token-2');
    expect(await getAccessToken(first)).toBe('token-2');
  });

  it('shares one request between concurrent calls', async () => {
    const { requests, getAccessToken } = arrange();

    expect(await Promise.all([getAccessToken(), getAccessToken(), getAccessToken()])).toEqual(Array(3).fill('token-1'));
    expect(requests).toHaveLength(1);
  });

  it('requests again after a failure', async () => {
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
