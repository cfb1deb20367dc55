import type { Body } from './datadog-bodies.ts';

type Limits = {
  readonly maxBytes: number;
  readonly maxPoints: number;
  /** Points that are older, in seconds, are dropped. */
  readonly maxAgeSeconds: number;
};
type Deps = {
  readonly onDropped: (points: number) => void;
  /** Seconds since 1970. */
  readonly nowSeconds: () => number;
};

/** The bodies that wait to be sent, oldest first. When they are too many, the oldest are dropped. */
export const makeBodyQueue = ({ maxBytes, maxPoints, maxAgeSeconds }: Limits, { onDropped, nowSeconds }: Deps) => {
  let bodies: Body[] = [];
  let bytes = 0;
  let points = 0;

  const count = (body: Body, sign: 1 | -1): void => {
    bytes += sign * body.data.length;
    points += sign * body.points;
  };
  const take = (): Body | undefined => {
    const body = bodies.shift();
    if (body !== undefined) count(body, -1);
    return body;
  };
  const isTooMuch = (oldest: Body): boolean =>
    bytes > maxBytes || points > maxPoints || nowSeconds() - oldest.timestamp > maxAgeSeconds;
  const dropOldest = (): void => {
    for (let [oldest] = bodies; oldest !== undefined && isTooMuch(oldest); [oldest] = bodies)
      onDropped(take()?.points ?? 0);
  };

  return {
    add: (added: readonly Body[]): void => {
      bodies.push(...added);
      for (const body of added) count(body, 1);
      dropOldest();
    },
    /** Before all others: these have been taken already. */
    putBack: (taken: readonly Body[]): void => {
      bodies = [...taken, ...bodies];
      for (const body of taken) count(body, 1);
      dropOldest();
    },
    take: (): Body | undefined => {
      dropOldest();
      return take();
    },
    points: (): number => points,
  };
};

export type BodyQueue = ReturnType<typeof makeBodyQueue>;
