import type { ChangePassword } from '../../auth/change-password.ts';
import type { Api } from '../api.ts';
import { ACCESS_TOKEN, PROBLEMS } from '../openapi/route-docs.ts';
import { principalOf, type Authenticate } from '../hooks/authenticate.ts';
import { clientOf } from '../hooks/client-address.ts';
import { noQuery } from '../schemas/paging.ts';
import { passwordChangeBody, userParams } from '../schemas/user.ts';
import { toUserId } from '../path-ids.ts';

type Deps = {
  readonly changePassword: ChangePassword;
  readonly authenticate: Authenticate;
};

export const addChangePassword = (api: Api, { changePassword, authenticate }: Deps): void => {
  api.put(
    '/users/:id/password',
    {
      schema: {
        operationId: 'changePassword',
        tags: ['users'],
        summary: 'Change own password',
        description: 'Ends all other sessions of the user. Only for the account’s owner.',
        security: ACCESS_TOKEN,
        params: userParams,
        querystring: noQuery,
        body: passwordChangeBody,
      },
      config: {
        docs: {
          responses: { 204: { description: 'The password was changed.' } },
          problems: [
            ...PROBLEMS.authenticated,
            ...PROBLEMS.withBody,
            ...PROBLEMS.withStore,
            'PASSWORD_WRONG',
            'PASSWORD_UNACCEPTABLE',
            'USER_NOT_FOUND',
            'HASHING_BUSY',
          ],
        },
      },
      onRequest: authenticate,
    },
    async (request, reply) => {
      const { params, body } = request;
      await changePassword(principalOf(request), toUserId(params.id), body, clientOf(request));
      return reply.code(204).send();
    },
  );
};
