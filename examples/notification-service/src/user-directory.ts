// Users by id: the one file that reads something of user-service. Its client is generated (clients/user-service-client), and what is needed of the
// service behind it is held by test/contract.

import { ProblemError, UserServiceError, type UserServiceClient } from 'user-service-client';

import { unavailable } from './errors.ts';
import type { UserDirectory } from './notify.ts';

type Deps = { readonly client: Pick<UserServiceClient, 'readUser'> };

/** The client believes the document's types; who sends letters looks whether there is an address. */
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

export const makeUserDirectory = ({ client }: Deps): UserDirectory => ({
  find: async (id) => {
    try {
      const { name, email } = (await client.readUser({ id })).body;
      if (!isText(name) || !isText(email)) throw unavailable('user-service gave a user without name or address.');
      return { name, email };
    } catch (error) {
      if (error instanceof ProblemError && error.problem.code === 'USER_NOT_FOUND') return undefined;
      // its message and no cause: the error of a parser quotes what it could not parse
      throw error instanceof UserServiceError ? unavailable(`user-service: ${error.message}`) : error;
    }
  },
});
