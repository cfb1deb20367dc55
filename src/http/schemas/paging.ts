// What the schemas of all lists share, and the small parts that every schema uses.

import { Type } from 'typebox';

/** Unknown fields are rejected. */
export const closed = { additionalProperties: false } as const;

/** Every route declares its query parameters, so that a misspelt one is rejected. */
export const noQuery = Type.Object({}, closed);

export const timestamp = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-01-31T12:00:00.000Z'] });

type List = {
  /** In the plural, e.g. `Users`. */
  readonly name: string;
  /** An example of an encoded cursor. */
  readonly cursor: string;
};

export const pageQuery = ({ name, cursor }: List) =>
  Type.Object(
    {
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 100, description: `${name} per page. Default: 20.`, examples: [20] }),
      ),
      cursor: Type.Optional(
        Type.String({ description: '`nextCursor` of the previous page. Opaque.', examples: [cursor] }),
      ),
    },
    closed,
  );

/** @param item name of the items' schema in components.schemas */
export const pageSchema = (item: string, { cursor }: List) =>
  Type.Object(
    {
      items: Type.Array(
        { $ref: `#/components/schemas/${item}` },
        {
          description: 'Newest first.',
        },
      ),
      nextCursor: Type.Optional(
        Type.String({
          description: 'Send it as `cursor` to get the next page; absent on the last page.',
          examples: [cursor],
        }),
      ),
    },
    closed,
  );
