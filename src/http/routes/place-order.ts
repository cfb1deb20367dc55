import type { PlaceOrder } from '../../orders/place-order.ts';
import type { Api } from '../api.ts';
import { ACCESS_TOKEN, PROBLEMS } from '../openapi/route-docs.ts';
import { sendRepresentation } from '../conditional/representation.ts';
import { parseIdempotencyKey } from '../idempotency-key.ts';
import { principalOf, type Authenticate } from '../hooks/authenticate.ts';
import { orderBody } from '../schemas/order.ts';
import { noQuery } from '../schemas/paging.ts';

type Deps = {
  readonly placeOrder: PlaceOrder;
  readonly authenticate: Authenticate;
};

export const addPlaceOrder = (api: Api, { placeOrder, authenticate }: Deps): void => {
  api.post(
    '/orders',
    {
      schema: {
        operationId: 'placeOrder',
        tags: ['orders'],
        summary: 'Place an order',
        description: [
          'Accepted for asynchronous processing; poll `Location` until `status` is `confirmed` or `rejected`.',
          'A retry with the same `Idempotency-Key` within 24 hours gets the same response and places the order once.',
        ].join(' '),
        security: ACCESS_TOKEN,
        querystring: noQuery,
        body: orderBody,
      },
      config: {
        docs: {
          headers: {
            'Idempotency-Key': {
              description: 'One per intended order, 1–255 visible ASCII characters.',
              example: '8e03978e-40d5-43dd-bc93-6894a57f9324',
            },
          },
          responses: {
            202: {
              description: 'The order as it was placed.',
              schema: 'Order',
              headers: ['ETag', 'Location'],
            },
          },
          problems: [
            ...PROBLEMS.authenticated,
            ...PROBLEMS.withBody,
            ...PROBLEMS.withStore,
            'ORDER_INPUT_INVALID',
            'HEADER_INVALID',
            'ORDER_NEEDS_USER',
            'ORDERS_PAUSED',
            'USER_NOT_FOUND',
            'IDEMPOTENCY_KEY_REUSED',
          ],
        },
      },
      onRequest: authenticate,
    },
    async (request, reply) => {
      const key = parseIdempotencyKey(request.headers['idempotency-key']);
      const { id, representation } = await placeOrder(principalOf(request), request.body, key);
      reply.code(202).header('location', `/api/v1/orders/${id}`);
      return sendRepresentation(reply, representation);
    },
  );
};
