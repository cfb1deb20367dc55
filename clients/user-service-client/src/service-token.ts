import type { UserServiceClient } from './methods.ts';

/** Gives an access token. When the service refused one (401 TOKEN_INVALID) it is asked once more, and told which. */
export type GetAccessToken = (refused?: string) => Promise<string>;

type Deps = {
  /** A client without `getAccessToken` will do. */
  readonly client: Pick<UserServiceClient, 'issueClientToken'>;
  readonly clientId: string;
  /** Asked for each new token, so that a secret in a file may change. */
  readonly clientSecret: () => string | Promise<string>;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
};

/** A token is renewed when this part of its life is over, not at its end: clocks differ, and a call takes time. */
const USED_FOR = 0.8;

type Kept = { readonly token: string; readonly until: number };

/** The access token of a service (client credentials), kept until it is old or was refused. Calls at the same time share one request. */
export const makeServiceToken = ({
  client,
  clientId,
  clientSecret,
  now = () => performance.now(),
}: Deps): GetAccessToken => {
  let kept: Kept | undefined;
  let pending: Promise<Kept> | undefined;

  const renew = async (): Promise<Kept> => {
    const asked = now();
    const { body } = await client.issueClientToken({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: await clientSecret(),
    });
    return { token: body.access_token, until: asked + body.expires_in * 1000 * USED_FOR };
  };

  return async (refused) => {
    if (kept !== undefined && kept.token !== refused && now() < kept.until) return kept.token;
    pending ??= renew().finally(() => (pending = undefined));
    kept = await pending;
    return kept.token;
  };
};
