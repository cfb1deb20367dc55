import assert from 'node:assert/strict';

import type { ApiResponse, Order } from './api.ts';
import { eventually } from './eventually.ts';
import { expectStatus } from './expect-status.ts';
import type { JourneyContext } from './journey.ts';
import type { TestUser } from './test-user.ts';

/** Orders are processed asynchronously: waits until the order is confirmed or rejected and returns that response. */
export const waitForDecision = (
  { api }: JourneyContext,
  { token }: TestUser,
  { id }: Order,
): Promise<ApiResponse<Order>> =>
  eventually(async () => {
    const response = await api.readOrder(token, id);
    assert.notEqual(expectStatus(response, 200).status, 'placed', 'the order is still being processed');
    return response;
  });
