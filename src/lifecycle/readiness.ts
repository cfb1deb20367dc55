// Whether this process can serve, found out in the background: a probe gets the newest answer at once, and a part that hangs
// makes the process unready as surely as one that refuses.

import type { State } from '../http/ports.ts';

export type Check = {
  readonly name: string;
  /** Without it the process can't do its work; an optional part that is down only degrades it. */
  readonly required: boolean;
  /** Rejects when the part is down. */
  readonly check: () => Promise<void>;
};

export type ReadinessReport = {
  readonly status: 'ready' | 'degraded' | 'unready';
  readonly state: ReturnType<State>;
  readonly checks: Readonly<Record<string, { readonly up: boolean; readonly required: boolean }>>;
};

type Deps = {
  readonly state: State;
  readonly checks: readonly Check[];
  readonly intervalMs: number;
  /** A check that takes longer counts as down. With the interval it must stay below 5 s. */
  readonly timeoutMs?: number;
  /** Told the first result of each check and every change after it: the place for a gauge and a log line. */
  readonly onChange: (name: string, up: boolean, error?: unknown) => void;
};

const withTimeout = async (work: Promise<void>, timeoutMs: number): Promise<void> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`no answer within ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
};

export const makeReadiness = ({ state, checks, intervalMs, timeoutMs = 2000, onChange }: Deps) => {
  const up = new Map<string, boolean>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const tell = (name: string, isUp: boolean, error?: unknown): void => {
    if (up.get(name) === isUp) return;
    up.set(name, isUp);
    onChange(name, isUp, error);
  };
  const runCheck = async ({ name, check }: Check): Promise<void> => {
    try {
      await withTimeout(check(), timeoutMs);
      tell(name, true);
    } catch (error) {
      tell(name, false, error);
    }
  };
  const refresh = async (): Promise<void> => {
    await Promise.all(checks.map(runCheck));
    if (!closed) timer = setTimeout(() => void refresh(), intervalMs).unref();
  };

  return {
    /** Resolves when every part has been asked once. */
    start: refresh,
    close: (): void => {
      closed = true;
      clearTimeout(timer);
    },
    report: (): ReadinessReport => {
      const isUp = ({ name }: Check): boolean => up.get(name) === true;
      const canServe = state() === 'ready' && checks.every((check) => !check.required || isUp(check));
      const status = checks.every(isUp) ? 'ready' : 'degraded';
      return {
        status: canServe ? status : 'unready',
        state: state(),
        checks: Object.fromEntries(checks.map((c) => [c.name, { up: isUp(c), required: c.required }])),
      };
    },
  };
};

export type Readiness = ReturnType<typeof makeReadiness>;
