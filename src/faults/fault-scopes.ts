// What was injected while one request was served or one event was handled, and what its header asks for.

import { AsyncLocalStorage } from 'node:async_hooks';

import type { Dependency, Fault } from './fault-plan.ts';

/** One request, or one event. */
export type FaultScope = {
  /** From the header. They replace the faults of the setting for their dependency. */
  readonly forced: ReadonlyMap<Dependency, Fault>;
  /** `redis:latency` … */
  readonly injected: Set<string>;
};

export const newScope = (faults: readonly Fault[] = []): FaultScope => ({
  forced: new Map(faults.map((fault) => [fault.dependency, fault])),
  injected: new Set(),
});

/** The text for the log line and the span: `postgres:error,redis:latency`; empty when nothing was injected. */
export const textOf = ({ injected }: FaultScope): string => [...injected].sort((a, b) => a.localeCompare(b)).join();

export const makeFaultScopes = () => {
  const storage = new AsyncLocalStorage<FaultScope>();
  return {
    current: (): FaultScope | undefined => storage.getStore(),
    run: <T>(scope: FaultScope, work: () => T): T => storage.run(scope, work),
    /** For each log line that is written within a scope. */
    logFields: (): Readonly<Record<string, string>> => {
      const scope = storage.getStore();
      return scope === undefined || scope.injected.size === 0 ? {} : { fault: textOf(scope) };
    },
  };
};

export type FaultScopes = ReturnType<typeof makeFaultScopes>;
