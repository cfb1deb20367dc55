// The shape of orders over HTTP. The bounds of an amount and the list of currencies are told to readers here and enforced by orders/.

import { Type } from 'typebox';

const closed = { additionalProperties: false } as const;

const CURSOR =
  'b3JkZXJzOjAxOThjMGRlLTdhM2UtN2I1Yy05ZDFmLTJhNmI4YzRlMGYxMzoxNzY5ODYwODAwMDAwOjAxOThjMGRlLTdhM2UtN2I1Yy05ZDFmLTJhNmI4YzRlMGYxNQ';

const currency = Type.String({
  minLength: 3,
  maxLength: 3,
  pattern: '^[A-Z]{3}$',
  description: 'ISO 4217.',
  examples: ['EUR'],
});

export const orderBody = Type.Object(
  {
    // without minimum and maximum, which would be enforced here: the domain reports all wrong fields at once
    amountMinor: Type.Integer({
      description: 'Minor units of the currency, 1 to 10,000,000,000: 1999 is 19.99 EUR.',
      examples: [1999],
    }),
    currency,
  },
  closed,
);

export const orderParams = Type.Object({
  id: Type.String({
    format: 'uuid',
    description: 'The order’s id.',
    examples: ['0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f15'],
  }),
});

export const orderPageQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, description: 'Orders per page; 20 unless told.', examples: [20] }),
    ),
    cursor: Type.Optional(Type.String({ description: '`nextCursor` of the page before. Opaque.', examples: [CURSOR] })),
  },
  closed,
);

const timestamp = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-01-31T12:00:00.000Z'] });

/** What orders/order-representation.ts publishes; a test holds the two together. */
export const orderSchema = Type.Object(
  {
    id: Type.String({
      format: 'uuid',
      description: 'Never changes.',
      examples: ['0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f15'],
    }),
    status: Type.Enum(['placed', 'confirmed', 'rejected'], { description: 'It changes once: from placed.' }),
    amountMinor: Type.Integer({
      minimum: 1,
      maximum: 10_000_000_000,
      description: 'Minor units of the currency.',
      examples: [1999],
    }),
    currency,
    placedAt: timestamp('When the order was placed.'),
    decidedAt: Type.Optional(timestamp('When it was confirmed or rejected; absent until then.')),
    rejectionReason: Type.Optional(
      Type.String({ description: 'Only of a rejected order. More reasons may come.', examples: ['PAYMENT_DECLINED'] }),
    ),
  },
  closed,
);

export const orderPageSchema = Type.Object(
  {
    items: Type.Array({ $ref: '#/components/schemas/Order' } as unknown as typeof orderSchema, {
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
