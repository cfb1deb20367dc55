import { Type } from 'typebox';

import { MAX_FAULTS } from '../errors.ts';

/** RFC 9457. */
export const problemSchema = Type.Object({
  type: Type.String({
    format: 'uri-reference',
    description: 'Stable; resolves to documentation.',
    examples: ['/problems/request-invalid'],
  }),
  title: Type.String({ description: 'Short summary of the problem type.', examples: ['Invalid request'] }),
  status: Type.Integer({ description: 'HTTP status of the response.', examples: [400] }),
  detail: Type.Optional(
    Type.String({
      description: 'Explanation of this occurrence.',
      examples: ['The body does not have the expected shape.'],
    }),
  ),
  code: Type.String({ description: 'Stable; for programs.', examples: ['REQUEST_INVALID'] }),
  traceId: Type.String({
    description: 'Include it when you report the problem.',
    examples: ['0af7651916cd43dd8448eb211c80319c'],
  }),
  errors: Type.Optional(
    Type.Array(
      Type.Object({
        pointer: Type.String({
          description: 'JSON Pointer (RFC 6901) into the body or the query.',
          examples: ['/username'],
        }),
        detail: Type.String({ description: 'What is wrong with the value.', examples: ['is required'] }),
      }),
      { maxItems: MAX_FAULTS, description: 'The invalid fields of the request, at most 20.' },
    ),
  ),
});
