// Users by id: the only file that calls user-service. Its client is generated (clients/user-service-client), and test/contract records what this
// service needs of the API.

import { ProblemError, UserServiceError, type UserServiceClient } from 'user-service-client';

import { unavailable } from './errors.ts';
import type { UserDirectory } from './notify.ts';

type Deps = { readonly client: Pick<UserServiceClient, 'readUser'> };

/** The client does not validate bodies against the schema, so the field that an e-mail needs is checked here. */
const isNonEmptyString = (value: unknown): value is string => typeof value === 'string' && value !== '';

export const makeUserDirectory = ({ client }: Deps): UserDirectory => ({
  find: async (id) => {
    try {
      const { email } = (await client.readUser({ id })).body;
      if (!isNonEmptyString(email)) throw unavailable('user-service returned a user without an e-mail address.');
      return { email };
    } catch (error) {
      if (error instanceof ProblemError && error.problem.code === 'USER_NOT_FOUND') return undefined;
      // the message without the cause: a parser's error quotes the text that it could not parse
      throw error instanceof UserServiceError ? unavailable(`user-service: ${error.message}`) : error;
    }
  },
});
