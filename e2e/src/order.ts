import assert from 'node:assert/strict';

import type { Answer, Order } from './api.ts';
import { eventually } from './eventually.ts';
import { expectStatus } from './expect-status.ts';
import type { Traveller } from './journey.ts';
import type { Person } from './person.ts';

/** An order is taken in at once and decided later: the answer that shows it decided, whichever way. */
export const untilDecided = ({ api }: Traveller, { token }: Person, { id }: Order): Promise<Answer<Order>> =>
  eventually(async () => {
    const answer = await api.readOrder(token, id);
    assert.notEqual(expectStatus(answer, 200).status, 'placed', 'the order is not decided');
    return answer;
  });
