// Users by id, read with the service's own credentials. A token is kept until shortly before its end.

import { unavailable } from './errors.ts';
import type { Recipient } from './letter.ts';
import type { UserDirectory } from './notify.ts';

export type ClientCredentials = { readonly clientId: string; readonly clientSecret: string };
export type AccessToken = { readonly accessToken: string; readonly expiresInSeconds: number };

/** What is needed of user-service. Both reject with NotificationError DEPENDENCY_UNAVAILABLE. */
export type UserServiceApi = {
  issueToken(credentials: ClientCredentials): Promise<AccessToken>;
  /** `refused`: the token is not good, or not good any more. */
  readUser(id: string, accessToken: string | undefined): Promise<Recipient | 'absent' | 'refused'>;
};

type Deps = {
  readonly userService: UserServiceApi;
  /** Asked for each new token, so that a rotated secret needs no restart. */
  readonly credentials: () => ClientCredentials;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
};

const RENEW_SECONDS_BEFORE_END = 30;

export const makeUserDirectory = ({ userService, credentials, now = () => performance.now() }: Deps): UserDirectory => {
  let token: string | undefined;
  let renewAt = 0;

  const renew = async (): Promise<string> => {
    const { accessToken, expiresInSeconds } = await userService.issueToken(credentials());
    token = accessToken;
    renewAt = now() + (expiresInSeconds - RENEW_SECONDS_BEFORE_END) * 1000;
    return accessToken;
  };
  const current = async (): Promise<string> => (token === undefined || now() >= renewAt ? renew() : token);

  return {
    find: async (userId) => {
      const first = await userService.readUser(userId, await current());
      // keys may have been rotated since the token was issued
      const user = first === 'refused' ? await userService.readUser(userId, await renew()) : first;
      if (user === 'refused') throw unavailable('user-service refuses our tokens.');
      return user === 'absent' ? undefined : user;
    },
  };
};
