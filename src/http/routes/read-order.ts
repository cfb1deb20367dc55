import type { ReadOrder } from '../../orders/read-order.ts';
import type { Api } from '../api.ts';
import { ACCESS_TOKEN, PROBLEMS } from '../openapi/route-docs.ts';
import { sendUnlessFresh } from '../conditional/representation.ts';
import { toOrderId } from '../path-ids.ts';
import { principalOf, type Authenticate } from '../hooks/authenticate.ts';
import { orderParams } from '../schemas/order.ts';
import { noQuery } from '../schemas/paging.ts';

type Deps = {
  readonly readOrder: ReadOrder;
  readonly authenticate: Authenticate;
};

export const addReadOrder = (api: Api, { readOrder, authenticate }: Deps): void => {
  api.get(
    '/orders/:id',
    {
      schema: {
        operationId: 'readOrder',
        tags: ['orders'],
        summary: 'Read an order',
        description: 'An order of the caller. The id of anyone else’s order gets the same response as an unknown id.',
        security: ACCESS_TOKEN,
        params: orderParams,
        querystring: noQuery,
      },
      config: {
        docs: {
          headers: { 'If-None-Match': { description: 'ETag of the caller’s copy.', example: '"1"' } },
          responses: {
            200: { description: 'The order.', schema: 'Order', headers: ['ETag'] },
            304: { description: 'The caller’s copy is current.', headers: ['ETag'] },
          },
          problems: [...PROBLEMS.authenticated, ...PROBLEMS.withStore, 'ORDER_NEEDS_USER', 'ORDER_NOT_FOUND'],
        },
      },
      onRequest: authenticate,
    },
    async (request, reply) => {
      const representation = await readOrder(principalOf(request), toOrderId(request.params.id));
      return sendUnlessFresh(reply, representation, request.headers['if-none-match']);
    },
  );
};
