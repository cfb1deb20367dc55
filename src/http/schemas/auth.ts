import { Type } from 'typebox';

const closed = { additionalProperties: false } as const;

export const loginBody = Type.Object(
  {
    login: Type.String({ description: 'Username or e-mail address, in any case.', examples: ['ann'] }),
    password: Type.String({ examples: ['three quiet rivers'] }),
  },
  closed,
);

export const refreshBody = Type.Object(
  { refresh_token: Type.String({ description: 'The newest one of the session; each works once.' }) },
  closed,
);

/** RFC 6749 section 4.4.2 in JSON. */
export const clientTokenBody = Type.Object(
  {
    grant_type: Type.Optional(Type.Literal('client_credentials')),
    client_id: Type.String({ examples: ['notification-service'] }),
    client_secret: Type.String(),
    scope: Type.Optional(
      Type.String({ description: 'Space-separated; all that the client has unless told.', examples: ['users:read'] }),
    ),
  },
  closed,
);

/** RFC 6749 section 5.1. */
export const tokenAnswer = Type.Object({
  access_token: Type.String({ description: 'Send it as `Authorization: Bearer …`.' }),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds.' }),
  scope: Type.String(),
  refresh_token: Type.Optional(Type.String({ description: 'Only for users.' })),
});
