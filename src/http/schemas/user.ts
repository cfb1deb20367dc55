// The shape of users over HTTP. Lengths, patterns and formats are told to readers here and enforced by users/: see plugins/validation.ts.

import { Type } from 'typebox';

const closed = { additionalProperties: false } as const;

const CURSOR = 'dXNlcnM6MTc2OTg2MDgwMDAwMDowMTk4YzBkZS03YTNlLTdiNWMtOWQxZi0yYTZiOGM0ZTBmMTM';

const username = Type.String({
  minLength: 3,
  maxLength: 50,
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$',
  description: 'Unique, ignoring case.',
  examples: ['ann'],
});
const name = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'What to call the person.',
  examples: ['Ann Lee'],
});
const email = Type.String({
  maxLength: 255,
  format: 'email',
  description: 'Unique, ignoring case.',
  examples: ['ann@example.com'],
});
const newPassword = Type.String({
  minLength: 15,
  maxLength: 128,
  description: 'Any characters; common, repeating and personal ones are refused.',
  examples: ['three quiet rivers'],
});

export const registrationBody = Type.Object({ username, name, email, password: newPassword }, closed);

export const profileChangesBody = Type.Object(
  { username: Type.Optional(username), name: Type.Optional(name), email: Type.Optional(email) },
  { ...closed, minProperties: 1 },
);

export const passwordChangeBody = Type.Object(
  {
    oldPassword: Type.String({ description: 'The one that is valid now.', examples: ['three quiet rivers'] }),
    newPassword,
  },
  closed,
);

export const userParams = Type.Object({
  id: Type.String({
    format: 'uuid',
    description: 'The user’s id.',
    examples: ['0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13'],
  }),
});

export const userPageQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, description: 'Users per page; 20 unless told.', examples: [20] }),
    ),
    cursor: Type.Optional(Type.String({ description: '`nextCursor` of the page before. Opaque.', examples: [CURSOR] })),
  },
  closed,
);

/** Every route names the query parameters that it takes, so that a misspelt one is refused. */
export const noQuery = Type.Object({}, closed);

const timestamp = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-01-31T12:00:00.000Z'] });

/** What users/user-representation.ts publishes. Not a serialiser: documents are sent as they are kept; a test holds the two together. */
export const userSchema = Type.Object(
  {
    id: Type.String({
      format: 'uuid',
      description: 'Never changes.',
      examples: ['0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13'],
    }),
    username,
    name,
    email,
    createdAt: timestamp('When the user registered.'),
    updatedAt: timestamp('When the profile was last changed.'),
  },
  closed,
);

export const userPageSchema = Type.Object(
  {
    items: Type.Array({ $ref: '#/components/schemas/User' } as unknown as typeof userSchema, {
      description: 'Newest first.',
    }),
    nextCursor: Type.Optional(
      Type.String({
        description: 'Send it as `cursor` for the next page; absent on the last one.',
        examples: [CURSOR],
      }),
    ),
  },
  closed,
);
