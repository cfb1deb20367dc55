import { afterAll, beforeAll } from 'vitest';

import type { Member } from './fleet.ts';
import { makeSurroundings, type Surroundings } from './surroundings.ts';

/**
 * Gives the test file its stores, its Kafka and its topics, from `beforeAll` to `afterAll`, so call it at the top of the file.
 * @param assign called in `beforeAll`
 * @returns the processes of the service; `afterAll` stops those that the file added
 */
export const useStack = (assign: (made: Surroundings) => unknown): Member[] => {
  const members: Member[] = [];
  let surroundings: Surroundings | undefined;
  beforeAll(async () => {
    surroundings = await makeSurroundings();
    assign(surroundings);
  });
  afterAll(async () => {
    await Promise.all(members.map((member) => member.stop()));
    await surroundings?.close();
  });
  return members;
};
