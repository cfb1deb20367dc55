import type { RegisterUser } from '../../users/register-user.ts';
import type { Api } from '../api.ts';
import { PROBLEMS, PUBLIC } from '../openapi/route-docs.ts';
import { sendRepresentation } from '../conditional/representation.ts';
import { parseIdempotencyKey } from '../idempotency-key.ts';
import { clientOf } from '../hooks/client-address.ts';
import type { StrictLimit } from '../hooks/strict-limit.ts';
import { noQuery } from '../schemas/paging.ts';
import { registrationBody } from '../schemas/user.ts';

type Deps = {
  readonly registerUser: RegisterUser;
  readonly strictLimit: StrictLimit;
};

export const addRegisterUser = (api: Api, { registerUser, strictLimit }: Deps): void => {
  api.post(
    '/users',
    {
      schema: {
        operationId: 'registerUser',
        tags: ['users'],
        summary: 'Register',
        description: [
          'A retry with the same `Idempotency-Key` within 24 hours registers the user once and gets the same response, or the current user if that',
          'was changed since. A retry with another profile or password, or after the password was changed, is rejected.',
        ].join(' '),
        security: PUBLIC,
        querystring: noQuery,
        body: registrationBody,
      },
      config: {
        docs: {
          headers: {
            'Idempotency-Key': {
              description: 'One per intended registration, 1–255 visible ASCII characters.',
              example: '8e03978e-40d5-43dd-bc93-6894a57f9324',
            },
          },
          responses: {
            201: {
              description: 'The new user.',
              schema: 'User',
              headers: ['ETag', 'Location'],
            },
          },
          problems: [
            ...PROBLEMS.any,
            ...PROBLEMS.withBody,
            ...PROBLEMS.withStore,
            'USER_INPUT_INVALID',
            'HEADER_INVALID',
            'USERNAME_TAKEN',
            'EMAIL_TAKEN',
            'IDEMPOTENCY_KEY_REUSED',
            'HASHING_BUSY',
          ],
        },
      },
      onRequest: strictLimit.byAddress('registration'),
    },
    async (request, reply) => {
      const key = parseIdempotencyKey(request.headers['idempotency-key']);
      const { id, representation } = await registerUser(request.body, key, {
        key: clientOf(request).neighbourhood,
        preferred: false,
      });
      reply.code(201).header('location', `/api/v1/users/${id}`);
      return sendRepresentation(reply, representation);
    },
  );
};
