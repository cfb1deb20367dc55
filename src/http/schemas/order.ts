// The shape of orders over HTTP. The bounds of an amount and the list of currencies are documentation here and enforced by orders/.

import { Type } from 'typebox';
import { closed, pageQuery, pageSchema, timestamp } from './paging.ts';

const PAGE = {
  name: 'Orders',
  cursor:
    'b3JkZXJzOjAxOThjMGRlLTdhM2UtN2I1Yy05ZDFmLTJhNmI4YzRlMGYxMzoxNzY5ODYwODAwMDAwOjAxOThjMGRlLTdhM2UtN2I1Yy05ZDFmLTJhNmI4YzRlMGYxNQ',
};

const currency = Type.String({
  minLength: 3,
  maxLength: 3,
  pattern: '^[A-Z]{3}$',
  description: 'ISO 4217.',
  examples: ['EUR'],
});

export const orderBody = Type.Object(
  {
    // without minimum and maximum, which would be enforced here: the domain reports all invalid fields at once
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

export const orderPageQuery = pageQuery(PAGE);

/** The JSON of orders/order-representation.ts; a test checks that both match. */
export const orderSchema = Type.Object(
  {
    id: Type.String({
      format: 'uuid',
      description: 'Never changes.',
      examples: ['0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f15'],
    }),
    status: Type.Enum(['placed', 'confirmed', 'rejected'], {
      description: '`placed` until the order is decided, then final.',
    }),
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
      Type.String({
        description: 'Only for rejected orders. More reasons may be added.',
        examples: ['PAYMENT_DECLINED'],
      }),
    ),
  },
  closed,
);

export const orderPageSchema = pageSchema('Order', PAGE);
