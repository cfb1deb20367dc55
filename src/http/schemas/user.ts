// The shape of users over HTTP. Lengths, patterns and formats are documentation here and enforced by users/: see problems/validation.ts.

import { Type } from 'typebox';
import { closed, pageQuery, pageSchema, timestamp } from './paging.ts';

const PAGE = {
  name: 'Users',
  cursor: 'dXNlcnM6MTc2OTg2MDgwMDAwMDowMTk4YzBkZS03YTNlLTdiNWMtOWQxZi0yYTZiOGM0ZTBmMTM',
};

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
  description:
    'Display name, in any script; no control characters, no invisible characters except in words and emoji that need them.',
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
  description: 'Any characters. Common, repetitive and personal passwords are rejected.',
  examples: ['three quiet rivers'],
});

export const registrationBody = Type.Object({ username, name, email, password: newPassword }, closed);

export const profileChangesBody = Type.Object(
  { username: Type.Optional(username), name: Type.Optional(name), email: Type.Optional(email) },
  { ...closed, minProperties: 1 },
);

export const passwordChangeBody = Type.Object(
  {
    oldPassword: Type.String({ description: 'The current password.', examples: ['three quiet rivers'] }),
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

export const userPageQuery = pageQuery(PAGE);

/** The JSON of users/user-representation.ts; a test checks that both match. For documentation only: representations are sent as stored. */
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

export const userPageSchema = pageSchema('User', PAGE);
