import type { ListOrders } from '../../orders/list-orders.ts';
import type { Api } from '../api.ts';
import { ACCESS_TOKEN, PROBLEMS } from '../openapi/route-docs.ts';
import { DEFAULT_LIMIT, sendPage, readLimit } from '../page.ts';
import { principalOf, type Authenticate } from '../hooks/authenticate.ts';
import { orderPageQuery } from '../schemas/order.ts';

type Deps = {
  readonly listOrders: ListOrders;
  readonly authenticate: Authenticate;
};

export const addListOrders = (api: Api, { listOrders, authenticate }: Deps): void => {
  api.get(
    '/orders',
    {
      schema: {
        operationId: 'listOrders',
        tags: ['orders'],
        summary: 'List own orders',
        description: 'Newest first, in pages. There is no total.',
        security: ACCESS_TOKEN,
        querystring: orderPageQuery,
      },
      config: {
        docs: {
          responses: {
            200: { description: 'A page of orders.', schema: 'OrderPage', headers: ['Link'] },
          },
          problems: [...PROBLEMS.authenticated, ...PROBLEMS.withStore, 'ORDER_NEEDS_USER', 'ORDER_INPUT_INVALID'],
        },
      },
      onRequest: authenticate,
      preValidation: readLimit,
    },
    async (request, reply) => {
      const { limit = DEFAULT_LIMIT, cursor } = request.query;
      const { orders, nextCursor } = await listOrders(principalOf(request), {
        limit,
        ...(cursor !== undefined && { cursor }),
      });
      return sendPage(reply, { path: '/api/v1/orders', limit, representations: orders, nextCursor });
    },
  );
};
