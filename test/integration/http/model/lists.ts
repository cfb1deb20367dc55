// Pages are compared one by one, with other commands in between, so that gaps and repeated items are found.

import fc from 'fast-check';
import { expect } from 'vitest';

import {
  bearer,
  command,
  expectResponse,
  hasSessions,
  expectRejectedIfEnded,
  pick,
  type HttpResponse,
} from './command.ts';
import { existing, pageOf, type OpenPage, type Position } from './model.ts';

type Page = { readonly items: object[]; readonly nextCursor?: string };
type Values = { readonly limit: number; readonly go: 'first' | 'next' | 'again'; readonly which: number };

/** The end of the newest page, the end of an earlier page, or undefined for the first page. */
const choose = (open: readonly OpenPage[], { go, which }: Values): OpenPage | undefined => {
  if (go === 'first' || open.length === 0) return undefined;
  return go === 'next' ? open.at(-1) : pick(open, which);
};

const toUrl = (path: string, { limit }: Values, from: OpenPage | undefined): string =>
  `${path}?${new URLSearchParams({ limit: String(limit), ...(from && { cursor: from.cursor }) }).toString()}`;

/** The end of this page, if there is a next one. */
const expectPage = (
  response: HttpResponse,
  { path, limit, items, end }: { path: string; limit: number; items: object[]; end: Position | undefined },
): OpenPage[] => {
  const { nextCursor: cursor } = JSON.parse(response.body) as Page;
  const nextCursor = expect.any(String) as string;
  expectResponse(response, { status: 200, body: end === undefined ? { items } : { items, nextCursor } });
  const link = cursor === undefined ? undefined : `<${path}?limit=${limit}&cursor=${cursor}>; rel="next"`;
  expect(response.headers.link).toBe(link);
  return end === undefined || cursor === undefined ? [] : [{ cursor, position: end }];
};

export const listUsers = (values: Values) =>
  command('list users', values, async (model, { send, serviceToken }) => {
    const path = '/api/v1/users';
    const from = choose(model.userPages, values);
    const response = await send({ method: 'GET', url: toUrl(path, values, from), headers: bearer(serviceToken) });

    const representations = existing(model).map(({ representation }) => representation);
    const { limit } = values;
    const page = pageOf(representations, { limit, after: from?.position, timeOf: ({ createdAt }) => createdAt });
    model.userPages.push(...expectPage(response, { path, limit, ...page }));
  });

export const listOrders = (values: Values & { as: number }) =>
  command(
    'list orders',
    values,
    async (model, { send }) => {
      const path = '/api/v1/orders';
      const session = pick(model.sessions, values.as);
      const { account } = session;
      const open = model.orderPages.get(account) ?? [];
      const from = choose(open, values);
      const headers = bearer(session.accessToken);
      const response = await send({ method: 'GET', url: toUrl(path, values, from), headers });

      if (expectRejectedIfEnded(session, response)) return;
      const { limit } = values;
      const page = pageOf(account.orders, { limit, after: from?.position, timeOf: ({ placedAt }) => placedAt });
      model.orderPages.set(account, [...open, ...expectPage(response, { path, limit, ...page })]);
    },
    hasSessions,
  );

const values = { limit: fc.integer({ min: 1, max: 3 }), which: fc.nat(99) };
const go = fc.constantFrom<Values['go']>('first', 'next', 'next', 'again');

export const listCommands = {
  users: fc.record({ ...values, go }).map(listUsers),
  orders: fc.record({ ...values, go, as: fc.nat(99) }).map(listOrders),
};
