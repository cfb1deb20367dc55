// Pages are compared one by one, and other commands happen between them: neither a gap nor a repeat has a place to hide.

import fc from 'fast-check';
import { expect } from 'vitest';

import { bearer, command, expectDone, hasSessions, isRefused, pick, type Answer } from './command.ts';
import { living, pageOf, type OpenPage, type Position } from './model.ts';

type Page = { readonly items: object[]; readonly nextCursor?: string };
type Values = { readonly limit: number; readonly go: 'first' | 'on' | 'again'; readonly which: number };

/** The newest place where a page ended, any earlier one, or none: the first page. */
const choose = (open: readonly OpenPage[], { go, which }: Values): OpenPage | undefined => {
  if (go === 'first' || open.length === 0) return undefined;
  return go === 'on' ? open.at(-1) : pick(open, which);
};

const toUrl = (path: string, { limit }: Values, from: OpenPage | undefined): string =>
  `${path}?${new URLSearchParams({ limit: String(limit), ...(from && { cursor: from.cursor }) }).toString()}`;

/** Where this page ended, when there is more. */
const expectPage = (
  answer: Answer,
  { path, limit, items, end }: { path: string; limit: number; items: object[]; end: Position | undefined },
): OpenPage[] => {
  const { nextCursor: cursor } = JSON.parse(answer.body) as Page;
  const nextCursor = expect.any(String) as string;
  expectDone(answer, { status: 200, body: end === undefined ? { items } : { items, nextCursor } });
  const link = cursor === undefined ? undefined : `<${path}?limit=${limit}&cursor=${cursor}>; rel="next"`;
  expect(answer.headers.link).toBe(link);
  return end === undefined || cursor === undefined ? [] : [{ cursor, position: end }];
};

export const listUsers = (values: Values) =>
  command('list users', values, async (model, { send, serviceToken }) => {
    const path = '/api/v1/users';
    const from = choose(model.userPages, values);
    const answer = await send({ method: 'GET', url: toUrl(path, values, from), headers: bearer(serviceToken) });

    const documents = living(model).map(({ document }) => document);
    const { limit } = values;
    const page = pageOf(documents, { limit, after: from?.position, momentOf: ({ createdAt }) => createdAt });
    model.userPages.push(...expectPage(answer, { path, limit, ...page }));
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
      const answer = await send({ method: 'GET', url: toUrl(path, values, from), headers });

      if (isRefused(session, answer)) return;
      const { limit } = values;
      const page = pageOf(account.orders, { limit, after: from?.position, momentOf: ({ placedAt }) => placedAt });
      model.orderPages.set(account, [...open, ...expectPage(answer, { path, limit, ...page })]);
    },
    hasSessions,
  );

const values = { limit: fc.integer({ min: 1, max: 3 }), which: fc.nat(99) };
const go = fc.constantFrom<Values['go']>('first', 'on', 'on', 'again');

export const listCommands = {
  users: fc.record({ ...values, go }).map(listUsers),
  orders: fc.record({ ...values, go, as: fc.nat(99) }).map(listOrders),
};
