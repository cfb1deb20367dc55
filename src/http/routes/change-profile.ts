import type { Api } from '../api.ts';
import { ACCESS_TOKEN, PROBLEMS } from '../openapi/route-docs.ts';
import { sendRepresentation } from '../conditional/representation.ts';
import { parseIfMatch } from '../conditional/if-match.ts';
import { principalOf, type Authenticate } from '../hooks/authenticate.ts';
import type { UserUseCases } from '../ports.ts';
import { noQuery, profileChangesBody, userParams } from '../schemas/user.ts';
import { toUserId } from '../user-id.ts';

type Deps = Pick<UserUseCases, 'changeProfile'> & { readonly authenticate: Authenticate };

export const addChangeProfile = (api: Api, { changeProfile, authenticate }: Deps): void => {
  api.patch(
    '/users/:id',
    {
      schema: {
        operationId: 'changeProfile',
        tags: ['users'],
        summary: 'Change one’s profile',
        description: 'Only the fields that are sent change. Only the owner may.',
        security: ACCESS_TOKEN,
        params: userParams,
        querystring: noQuery,
        body: profileChangesBody,
      },
      config: {
        documented: {
          headers: {
            'If-Match': { description: 'The ETag of the version that was read.', required: true, example: '"1"' },
          },
          answers: { 200: { description: 'The user as it is now.', schema: 'User', headers: ['ETag'] } },
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
            'PRECONDITION_REQUIRED',
          ],
        },
      },
      onRequest: authenticate,
    },
    async (request, reply) => {
      const expectedVersion = parseIfMatch(request.headers['if-match']);
      const id = toUserId(request.params.id);
      const document = await changeProfile(principalOf(request), id, expectedVersion, request.body);
      return sendRepresentation(reply, document);
    },
  );
};
