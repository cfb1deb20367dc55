// What the walk puts back after the actions of a page, so that the next page begins with the same system.

import type { Stack } from '../stacks/stack.ts';

type PutBack = (stack: Stack) => Promise<void>;

const oneApi: PutBack = async (stack) => {
  if (stack.target !== 'compose') await stack.scale('api', 1); // Compose has one
};

export const PUT_BACK: Readonly<Record<string, PutBack>> = {
  'consumer-lag': (stack) => stack.scale('worker', 1),
  'high-cpu-usage': oneApi,
  'sign-in-burn': oneApi,
  'traffic-spike': async (stack) => {
    await oneApi(stack);
    if (stack.target !== 'compose') await stack.rollBack('api');
  },
  'redis-readonly': async (stack) => {
    await stack.redis(['CONFIG', 'SET', 'maxmemory-policy', 'noeviction']);
  },
};
