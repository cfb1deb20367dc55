// Tests cursors through the use cases: both lists share one codec, each throws its own error.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { makeListOrders } from '../../src/orders/list-orders.ts';
import { encodeCursor, type Position } from '../../src/paging/cursor.ts';
import { makeListUsers } from '../../src/users/list-users.ts';
import { userPrincipal } from '../support/fakes/principals.ts';

const ANN = '0198c0de-7a3e-7b5c-9d1f-2a6b8c4e0f13';

const position = fc.record({
  at: fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }),
  id: fc.uuid(),
});
const anything = fc.oneof(
  fc.string(),
  fc.base64String(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64url')),
);

/** The position that the use case passes to its store. */
type Decode = (cursor: string) => Promise<Position | undefined>;

const decodeForUsers: Decode = async (cursor) => {
  let requested: Position | undefined;
  const directory = {
    list: ({ after }: { after?: Position }) => {
      requested = after;
      return Promise.resolve([]);
    },
  };
  await makeListUsers({ directory, telemetry: { usersListed: () => undefined } })({ limit: 1, cursor });
  return requested;
};

const decodeForOrdersOf =
  (userId: string): Decode =>
  async (cursor) => {
    let requested: Position | undefined;
    const orders = {
      list: (_userId: string, { after }: { after?: Position }) => {
        requested = after;
        return Promise.resolve([]);
      },
    };
    await makeListOrders({ orders })(userPrincipal(userId), { limit: 1, cursor });
    return requested;
  };

const faults = [{ pointer: '/cursor', detail: 'must be the nextCursor of an earlier page of this list' }];

describe.each([
  ['of the list of users', 'users', `orders:${ANN}`, decodeForUsers, 'USER_INPUT_INVALID'],
  ['of the orders of a user', `orders:${ANN}`, 'users', decodeForOrdersOf(ANN), 'ORDER_INPUT_INVALID'],
] as const)('a cursor %s', (_name, list, otherList, decode, code) => {
  it('decodes to its position', async () => {
    await fc.assert(
      fc.asyncProperty(position, async (at) => {
        expect(await decode(encodeCursor(list, at))).toEqual(at);
      }),
    );
  });

  it('is rejected when it is any other text', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (text) => {
        await expect(decode(text)).rejects.toMatchObject({ code, faults });
      }),
    );
  });

  it('is rejected for another list', async () => {
    await fc.assert(
      fc.asyncProperty(position, async (at) => {
        await expect(decode(encodeCursor(otherList, at))).rejects.toMatchObject({ code, faults });
      }),
    );
  });

  it('is rejected with any character changed', async () => {
    await fc.assert(
      fc.asyncProperty(position, fc.nat(), async (at, place) => {
        const cursor = encodeCursor(list, at);
        const index = place % cursor.length;
        const changed = `${cursor.slice(0, index)}!${cursor.slice(index + 1)}`;
        await expect(decode(changed)).rejects.toMatchObject({ code, faults });
      }),
    );
  });
});

describe('a cursor of the orders of a user', () => {
  it('is rejected for any other user', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uuid(), position, async (bob, at) => {
        fc.pre(bob !== ANN);
        await expect(decodeForOrdersOf(bob)(encodeCursor(`orders:${ANN}`, at))).rejects.toMatchObject({ faults });
      }),
    );
  });
});
