// The copy of the revoked sessions in this process, with what is needed to compare it with the set in Redis.

type Entry = {
  /** On the monotonic clock of this process, ms. */
  readonly until: number;
  /** Expiry in Redis, ms of the server's clock. Undefined until it is there. */
  readonly score: number | undefined;
};

export const makeRevokedSessions = ({ maxSessions }: { maxSessions: number }) => {
  const entries = new Map<string, Entry>();

  return {
    has: (sessionId: string): boolean => entries.has(sessionId),
    ids: (): string[] => [...entries.keys()],
    /** Revoked by this process. */
    add: (sessionId: string, ttlMs: number): void => {
      if (!entries.has(sessionId)) entries.set(sessionId, { until: performance.now() + ttlMs, score: undefined });
    },
    /** It is in Redis. The longer of two lifetimes counts: the clocks of two servers differ. */
    confirm: (sessionId: string, score: number, serverNow: number): void => {
      const until = performance.now() + score - serverNow;
      entries.set(sessionId, { until: Math.max(until, entries.get(sessionId)?.until ?? 0), score });
    },
    /** How many sessions Redis has at `serverNow` as far as this process knows. */
    countConfirmed: (serverNow: number): number => {
      let count = 0;
      for (const { score } of entries.values()) if (score !== undefined && score > serverNow) count += 1;
      return count;
    },
    /** The rest of the lifetime, ms; at least 1. */
    leftMs: (sessionId: string): number =>
      Math.max(1, Math.ceil((entries.get(sessionId)?.until ?? 0) - performance.now())),
    /** Removes expired sessions, and the oldest ones above the maximum. */
    prune: (): void => {
      for (const [sessionId, { until }] of entries)
        if (until <= performance.now() || entries.size > maxSessions) entries.delete(sessionId);
    },
  };
};
