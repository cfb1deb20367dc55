import type { preHandlerAsyncHookHandler } from 'fastify';

import type { ChangeProfile } from '../../users/change-profile.ts';
import type { Api } from '../api.ts';
import { ACCESS_TOKEN, PROBLEMS } from '../openapi/route-docs.ts';
import { sendRepresentation } from '../conditional/representation.ts';
import { parseIfMatch } from '../conditional/etag.ts';
import { principalOf, userOf, type Authenticate } from '../hooks/authenticate.ts';
import type { StrictLimit } from '../hooks/strict-limit.ts';
import { noQuery } from '../schemas/paging.ts';
import { profileChangesBody, userParams } from '../schemas/user.ts';
import { toUserId } from '../path-ids.ts';

type Deps = {
  readonly changeProfile: ChangeProfile;
  readonly authenticate: Authenticate;
  readonly strictLimit: StrictLimit;
};

/** A change of what is unique tells whether others have it, like a registration, so the same limit of the address counts both. */
const limitOfIdentity = (strictLimit: StrictLimit): preHandlerAsyncHookHandler => {
  const [byUser, byAddress] = [strictLimit.byUser('identity', userOf), strictLimit.byAddress('registration')];
  return async (request, reply) => {
    const { username, email } = request.body as { username?: string; email?: string };
    if (username === undefined && email === undefined) return;
    await byAddress(request, reply);
    await byUser(request, reply);
  };
};

export const addChangeProfile = (api: Api, { changeProfile, authenticate, strictLimit }: Deps): void => {
  api.patch(
    '/users/:id',
    {
      schema: {
        operationId: 'changeProfile',
        tags: ['users'],
        summary: 'Change own profile',
        description:
          'Changes the given fields only. Only for the account’s owner. `email` needs an access token of `reauthenticate`.',
        security: ACCESS_TOKEN,
        params: userParams,
        querystring: noQuery,
        body: profileChangesBody,
      },
      config: {
        docs: {
          headers: {
            'If-Match': {
              description: 'ETag of the version that the change is based on.',
              required: true,
              example: '"1"',
            },
          },
          responses: { 200: { description: 'The changed user.', schema: 'User', headers: ['ETag'] } },
          problems: [
            ...PROBLEMS.authenticated,
            ...PROBLEMS.withBody,
            ...PROBLEMS.withStore,
            'USER_INPUT_INVALID',
            'HEADER_INVALID',
            'USER_NOT_FOUND',
            'USERNAME_TAKEN',
            'EMAIL_TAKEN',
            'USER_VERSION_STALE',
            'REAUTHENTICATION_REQUIRED',
            'PRECONDITION_REQUIRED',
          ],
        },
      },
      onRequest: authenticate,
      preHandler: limitOfIdentity(strictLimit),
    },
    async (request, reply) => {
      const expectedVersion = parseIfMatch(request.headers['if-match']);
      const id = toUserId(request.params.id);
      const representation = await changeProfile(principalOf(request), id, expectedVersion, request.body);
      return sendRepresentation(reply, representation);
    },
  );
};
