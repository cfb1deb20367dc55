import fc from 'fast-check';

import {
  bearer,
  command,
  expectResponse,
  expectProblem,
  hasSessions,
  expectRejectedIfEnded,
  pick,
  type HttpResponse,
} from './command.ts';
import type { OrderRepresentation, Price } from './model.ts';

const isSame = (a: Price, b: Price): boolean => a.amountMinor === b.amountMinor && a.currency === b.currency;

const expectPlaced = (response: HttpResponse, { id, ...order }: OrderRepresentation): void => {
  expectResponse(response, { status: 202, etag: '"1"', location: `/api/v1/orders/${id}`, body: { id, ...order } });
};

const expectNew = (response: HttpResponse, price: Price): OrderRepresentation => {
  const { id, placedAt } = JSON.parse(response.body) as OrderRepresentation;
  const order = { id, status: 'placed', ...price, placedAt };
  expectPlaced(response, order);
  return order;
};

/** Sends one call, or two concurrent ones: with a key both place the same order. */
export const placeOrder = (values: { as: number; price: Price; key?: string | undefined; twice: boolean }) =>
  command(
    'place order',
    values,
    async (model, { send }) => {
      const { as, price, key, twice } = values;
      const session = pick(model.sessions, as);
      const headers = { ...bearer(session.accessToken), ...(key !== undefined && { 'idempotency-key': key }) };
      const call = () => send({ method: 'POST', url: '/api/v1/orders', headers, payload: price });
      const responses = await Promise.all(twice ? [call(), call()] : [call()]);

      const { orders, orderOfKey } = session.account;
      for (const response of responses) {
        const earlier = orderOfKey.get(key ?? '');
        if (expectRejectedIfEnded(session, response)) continue;
        if (earlier === undefined) {
          const order = expectNew(response, price);
          orders.push(order);
          if (key !== undefined) orderOfKey.set(key, order);
        } else if (isSame(earlier, price)) expectPlaced(response, earlier);
        else expectProblem(response, 422, 'IDEMPOTENCY_KEY_REUSED');
      }
    },
    hasSessions,
  );

/** An order of the caller, or of another user. */
export const readOrder = (values: { as: number; which: number; fresh: boolean }) =>
  command(
    'read order',
    values,
    async (model, { send }) => {
      const session = pick(model.sessions, values.as);
      const all = model.accounts.flatMap((account) => account.orders.map((order) => ({ account, order })));
      const { account, order } = pick(all, values.which);
      const headers = { ...bearer(session.accessToken), ...(values.fresh && { 'if-none-match': '"1"' }) };
      const response = await send({ method: 'GET', url: `/api/v1/orders/${order.id}`, headers });

      if (expectRejectedIfEnded(session, response)) return;
      if (session.account !== account) expectProblem(response, 404, 'ORDER_NOT_FOUND');
      else if (values.fresh) expectResponse(response, { status: 304, etag: '"1"', body: undefined });
      else expectResponse(response, { status: 200, etag: '"1"', body: order });
    },
    ({ accounts, sessions }) => sessions.length > 0 && accounts.some(({ orders }) => orders.length > 0),
  );

const price = fc.record({
  amountMinor: fc.constantFrom(1, 2, 10_000_000_000),
  currency: fc.constantFrom('EUR', 'JPY'),
});
const key = fc.option(fc.constantFrom('key-1', 'key-2'), { nil: undefined, freq: 1 });

export const orderCommands = {
  place: fc.record({ as: fc.nat(99), price, key, twice: fc.boolean() }).map(placeOrder),
  read: fc.record({ as: fc.nat(99), which: fc.nat(99), fresh: fc.boolean() }).map(readOrder),
};
