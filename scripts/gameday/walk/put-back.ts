// What the walk prepares for the actions of a page, and puts back after them, so that the next page begins with the same system.

import type { Process, Stack } from '../stacks/stack.ts';

type Change = (stack: Stack) => Promise<void>;

/** Compose publishes the port of the api, so a second container of it could not start, and is still there. */
const oneApi: Change = (stack) => stack.scale('api', 1);

const deploy =
  (process: Process): Change =>
  (stack) =>
    stack.deploy(process, { LOG_LEVEL: 'info' });

/** What has to be there before the actions of a page: a release that can be rolled back. */
export const PREPARE: Readonly<Record<string, Change>> = {
  'bad-deploy': deploy('api'),
  'high-cpu-usage': deploy('api'),
  'outbox-old': deploy('relay'),
};

export const PUT_BACK: Readonly<Record<string, Change>> = {
  'consumer-lag': (stack) => stack.scale('worker', 1),
  'high-cpu-usage': oneApi,
  'sign-in-burn': oneApi,
  'traffic-spike': async (stack) => {
    await oneApi(stack);
    if (stack.target !== 'compose') await stack.rollBack('api');
  },
};
