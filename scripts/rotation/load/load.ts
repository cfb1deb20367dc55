// Users during the rotation: requests at fixed times, whether earlier ones have been answered or not. Nothing is repeated.

import type { Secrets } from '../secrets.ts';
import { TOKEN_SECONDS } from '../settings.ts';
import { makeMeasuredCalls } from './measured-calls.ts';
import { makeUsers, type Operation, type User } from './users.ts';

/** Without what takes a password hash; tokens are refreshed when they are old. */
const MIX: readonly Operation[] = [
  ...(['read', 'read', 'order', 'read', 'change', 'read', 'readOrder', 'read', 'read', 'listOrders'] as const),
  ...(['read', 'read', 'change', 'read', 'readOrder', 'read', 'clientToken', 'read', 'read', 'read'] as const),
];
const LOGIN_EVERY = 400;
const TICK_MS = 10;
const REFRESH_AFTER_MS = (TOKEN_SECONDS * 1000) / 2;

type Options = { readonly port: number; readonly secrets: Secrets; readonly clientSecret: string };

export const makeLoad = ({ port, secrets, clientSecret }: Options) => {
  const calls = makeMeasuredCalls(port, secrets);
  const users = makeUsers(calls, secrets, clientSecret);
  let [open, perSecond, turn, due] = [0, 0, 0, 0];

  const next = (): { readonly operation: Operation; readonly user: User } | undefined => {
    turn += 1;
    const now = performance.now();
    const free = users.all().filter(({ busy }) => !busy);
    const old = free.find(({ issuedAt }) => now - issuedAt > REFRESH_AFTER_MS);
    if (old !== undefined) return { operation: 'refresh', user: old };
    const user = free[turn % Math.max(1, free.length)];
    if (user === undefined) return undefined;
    return { operation: turn % LOGIN_EVERY === 0 ? 'logIn' : (MIX[turn % MIX.length] ?? 'read'), user };
  };
  let last = performance.now();
  const tick = (): void => {
    const now = performance.now();
    due += ((now - last) / 1000) * perSecond;
    last = now;
    for (; due >= 1; due -= 1) {
      const chosen = next();
      if (chosen === undefined) break; // every user waits: what is due is sent as soon as one is free
      open += 1;
      void users.operations.get(chosen.operation)?.(chosen.user).finally(() => (open -= 1)); // prettier-ignore
    }
  };
  const timer = setInterval(tick, TICK_MS);

  return {
    ...{ requests: calls.requests, failures: calls.failures, kids: calls.kids, durations: calls.durations },
    ...{ orders: users.orders, setClientSecret: users.setClientSecret, clientToken: users.clientToken },
    /** Requests that are not counted. */
    caller: calls.caller,
    /** Registers the users, which is not counted. */
    prepare: users.prepare,
    startCounting: calls.startCounting,
    /** @param rate requests per second */
    setRate: (rate: number): void => {
      [perSecond, due] = [rate, 0];
    },
    /** Requests without a response. */
    open: () => open,
    end: (): void => {
      clearInterval(timer);
      calls.caller.close();
    },
  };
};

export type Load = ReturnType<typeof makeLoad>;
