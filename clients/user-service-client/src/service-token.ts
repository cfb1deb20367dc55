import type { UserServiceClient } from './methods.ts';

/** Returns an access token. When the service rejects it (401 TOKEN_INVALID), the function is called again with the rejected token. */
export type GetAccessToken = (rejected?: string) => Promise<string>;

type Deps = {
  /** Needs no `getAccessToken`. */
  readonly client: Pick<UserServiceClient, 'issueClientToken'>;
  readonly clientId: string;
  /** Called for each new token, so that the secret can be rotated. */
  readonly clientSecret: () => string | Promise<string>;
  /** Monotonic clock in milliseconds. */
  readonly now?: () => number;
};

/** A token is renewed after this fraction of its lifetime, before it expires: clocks differ, and a call takes time. */
const RENEW_AFTER = 0.8;

type CachedToken = { readonly token: string; readonly renewAt: number };

/** The access token of a service (client credentials), cached until it is due for renewal or rejected. Concurrent calls share one request. */
export const makeServiceToken = ({
  client,
  clientId,
  clientSecret,
  now = () => performance.now(),
}: Deps): GetAccessToken => {
  let cached: CachedToken | undefined;
  let pending: Promise<CachedToken> | undefined;

  const renew = async (): Promise<CachedToken> => {
    const requestedAt = now();
    const { body } = await client.issueClientToken({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: await clientSecret(),
    });
    return { token: body.access_token, renewAt: requestedAt + body.expires_in * 1000 * RENEW_AFTER };
  };

  return async (rejected) => {
    if (cached !== undefined && cached.token !== rejected && now() < cached.renewAt) return cached.token;
    pending ??= renew().finally(() => (pending = undefined));
    cached = await pending;
    return cached.token;
  };
};
