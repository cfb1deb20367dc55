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

type Watcher = { able(): void; unable(): void };

/** What a process does itself, once its dependencies are up. */
type OwnWork = { readonly name: string; readonly isWorking: () => boolean };

type CheckResult = { readonly up: boolean; readonly required: boolean };

export type ReadinessReport = {
  readonly status: 'ready' | 'degraded' | 'unready';
  readonly state: LifecycleState;
  /** Why, when no check says it. */
  readonly reason?: 'by operator';
  readonly checks: Readonly<Record<string, CheckResult>>;
};

type Deps = {
  readonly state: () => LifecycleState;
  readonly checks: readonly Check[];
  readonly intervalMs: number;
  /** A check that takes longer counts as down. Together with the interval it must stay below 5 s. */
  readonly timeoutMs?: number;
  /** Called with the first result of each check and with every change after it: the place for a gauge and a log line. */
  readonly onChange: (name: string, up: boolean, error?: unknown) => void;
  /** Called with the first report after the start of the process, and with every change of its status or of the reason. */
  readonly onStatus?: (report: ReadinessReport) => void;
};

export const makeReadiness = (deps: Deps) => {
  const { state, checks, timeoutMs = 2000, onChange, onStatus = () => undefined } = deps;
  const up = new Map<string, boolean>();
  const watchers: Watcher[] = [];
  let own: OwnWork | undefined;
  let reported: string | undefined;
  let isWithdrawn = false;
  let timer: NodeJS.Timeout | undefined;

  const isUp = ({ name }: Check): boolean => up.get(name) === true;
  const isAble = (): boolean => !isWithdrawn && checks.every((check) => !check.required || isUp(check));

  const tell = (watcher: Watcher): void => {
    if (isAble()) watcher.able();
    else watcher.unable();
  };

  const report = (): ReadinessReport => {
    const isWorking = own?.isWorking() ?? true;
    const canServe = state() === 'ready' && isAble() && isWorking;
    const results: [string, CheckResult][] = checks.map((c) => [c.name, { up: isUp(c), required: c.required }]);
    if (own) results.push([own.name, { up: isWorking, required: true }]);
    const status = checks.every(isUp) ? 'ready' : 'degraded';
    return {
      status: canServe ? status : 'unready',
      state: state(),
      ...(isWithdrawn && { reason: 'by operator' }),
      checks: Object.fromEntries(results),
    };
  };
  const reportStatus = (): void => {
    if (state() === 'starting') return;
    const current = report();
    const status = [current.status, current.reason].join();
    if (status === reported) return;
    reported = status;
    onStatus(current);
  };
  const withdraw = (is: boolean): void => {
    clearTimeout(timer);
    isWithdrawn = is;
    for (const watcher of watchers) tell(watcher);
    reportStatus();
  };
  const update = (name: string, isNowUp: boolean, error?: unknown): void => {
    if (up.get(name) !== isNowUp) {
      up.set(name, isNowUp);
      onChange(name, isNowUp, error);
      for (const watcher of watchers) tell(watcher);
    }
    reportStatus();
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
  const repeat = makeRepeat({ everyMs: deps.intervalMs, work: runChecks, onError: () => undefined });

  return {
    /** Resolves when every check has run once. */
    start: repeat.startNow,
    close: repeat.close,
    report,
    /**
     * An operator takes the process out of service: it is unready, whatever its checks say, and gives its work to others, until `restore`, a
     * restart, or the end of `forMs`.
     */
    withdraw: (forMs?: number): void => {
      withdraw(true);
      if (forMs !== undefined)
        timer = setTimeout(() => {
          withdraw(false);
        }, forMs).unref();
    },
    restore: (): void => {
      withdraw(false);
    },
    /** From now on the process is ready only while it works, e.g. while it is a member of its consumer group. */
    requireWork: (work: OwnWork): void => {
      own = work;
    },
    /** Tells `watcher` now and with each change of a check whether every required dependency is up, whatever the process does itself. */
    watch: (watcher: Watcher): void => {
      watchers.push(watcher);
      tell(watcher);
    },
  };
};

export type Readiness = ReturnType<typeof makeReadiness>;
