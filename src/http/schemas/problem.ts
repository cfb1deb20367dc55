import { Type } from 'typebox';

/** RFC 9457. */
export const problemAnswer = Type.Object({
  type: Type.String({ format: 'uri-reference', description: 'Stable; leads to an explanation.' }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.Optional(Type.String()),
  code: Type.String({ description: 'Stable; for programs.' }),
  traceId: Type.String({ description: 'Quote it when reporting the problem.' }),
  errors: Type.Optional(
    Type.Array(
      Type.Object({
        pointer: Type.String({ description: 'JSON Pointer (RFC 6901) into the body or the query.' }),
        detail: Type.String(),
      }),
      { description: 'Every fault of the input at once.' },
    ),
  ),
});
