import { Type } from 'typebox';

/** RFC 9457. */
export const problemSchema = Type.Object({
  type: Type.String({
    format: 'uri-reference',
    description: 'Stable; leads to an explanation.',
    examples: ['/problems/request-invalid'],
  }),
  title: Type.String({ description: 'The kind of problem, in short.', examples: ['Invalid request'] }),
  status: Type.Integer({ description: 'The status of the answer.', examples: [400] }),
  detail: Type.Optional(
    Type.String({ description: 'What was wrong this time.', examples: ['The body does not have the expected shape.'] }),
  ),
  code: Type.String({ description: 'Stable; for programs.', examples: ['REQUEST_INVALID'] }),
  traceId: Type.String({
    description: 'Quote it when reporting the problem.',
    examples: ['0af7651916cd43dd8448eb211c80319c'],
  }),
  errors: Type.Optional(
    Type.Array(
      Type.Object({
        pointer: Type.String({
          description: 'JSON Pointer (RFC 6901) into the body or the query.',
          examples: ['/username'],
        }),
        detail: Type.String({ description: 'What is wrong there.', examples: ['is required'] }),
      }),
      { description: 'Every fault of the input at once.' },
    ),
  ),
});
