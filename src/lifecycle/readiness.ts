// Whether this process can serve, determined in the background: a probe gets the latest result at once, and a dependency that hangs
// makes the process unready just as one that refuses connections.

import { withDeadline } from '../resilience/deadline.ts';
import { makeRepeat } from '../resilience/repeat.ts';
import type { LifecycleState } from './lifecycle.ts';

export type Check = {
  readonly name: string;
  /** Without a required dependency the process is unready; without an optional one it is degraded. */
  readonly required: boolean;
  /** Rejects when the dependency is down. */
  readonly check: () => Promise<void>;
};

export type ReadinessReport = {
  readonly status: 'ready' | 'degraded' | 'unready';
  readonly state: LifecycleState;
  readonly checks: Readonly<Record<string, { readonly up: boolean; readonly required: boolean }>>;
};

type Deps = {
  readonly state: () => LifecycleState;
  readonly checks: readonly Check[];
  readonly intervalMs: number;
  /** A check that takes longer counts as down. Together with the interval it must stay below 5 s. */
  readonly timeoutMs?: number;
  /** Called with the first result of each check and with every change after it: the place for a gauge and a log line. */
  readonly onChange: (name: string, up: boolean, error?: unknown) => void;
};

export const makeReadiness = ({ state, checks, intervalMs, timeoutMs = 2000, onChange }: Deps) => {
  const up = new Map<string, boolean>();

  const update = (name: string, isUp: boolean, error?: unknown): void => {
    if (up.get(name) === isUp) return;
    up.set(name, isUp);
    onChange(name, isUp, error);
  };
  const runCheck = ({ name, check }: Check): Promise<void> =>
    withDeadline(timeoutMs, check()).then(
      () => {
        update(name, true);
      },
      (error: unknown) => {
        update(name, false, error);
      },
    );
  const runChecks = (): Promise<unknown> => Promise.all(checks.map(runCheck));
  const repeat = makeRepeat({ everyMs: intervalMs, work: runChecks, onError: () => undefined });

  return {
    /** Resolves when every check has run once. */
    start: repeat.startNow,
    close: repeat.close,
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
