// Decides for each call of a dependency whether it gets a fault, and injects it: it waits, or throws what the dependency's own client would.

import { setTimeout as pause } from 'node:timers/promises';

import type { Dependency, Fault, FaultPlan } from './fault-plan.ts';
import { textOf, type FaultScopes } from './fault-scopes.ts';

/** A place where a dependency is called. */
export type Call = {
  readonly dependency: Dependency;
  /** How long its client waits for a response. */
  readonly timeoutMs: number;
  /** The error of a connection that breaks. */
  readonly failed: (cause: Error) => Error;
  /** The error after `timeoutMs`. */
  readonly timedOut: (cause: Error) => Error;
  /** Ends the wait: the client is being closed. */
  readonly signal?: AbortSignal;
};

/** Resolves when the call may be made. Rejects with the error that it has instead. */
export type Inject = (call: Call) => Promise<void>;

type Deps = {
  readonly plan: FaultPlan;
  readonly scopes: Pick<FaultScopes, 'current'>;
  /** 0 ≤ x < 1. */
  readonly random?: () => number;
  /** Called for each injected fault. `text` is what was injected into this request or event until now. */
  readonly onInjected: (fault: Fault, text: string) => void;
};

/** It is the cause of every injected error, so that the log line of a failure says what it was. */
const injected = ({ dependency, kind }: Fault): Error =>
  new Error(`injected by FAULT_INJECTION (${dependency}:${kind})`);

/** One draw for all faults of a dependency: their shares are exact, and what is left of 100 % has none. */
const draw = (shares: FaultPlan['shares'], random: () => number): Fault | undefined => {
  if (shares.length === 0) return undefined;
  let left = random() * 100;
  return shares.find(({ percent }) => (left -= percent) < 0);
};

const waitOrFail = async (fault: Fault, { timeoutMs, failed, timedOut, signal }: Call): Promise<void> => {
  if (fault.kind === 'error') throw failed(injected(fault));
  const ms = fault.ms ?? Number.POSITIVE_INFINITY;
  try {
    await pause(Math.min(ms, timeoutMs), undefined, { ref: false, ...(signal && { signal }) });
  } catch {
    throw failed(injected(fault));
  }
  if (ms >= timeoutMs) throw timedOut(injected(fault));
};

export const makeInject = ({ plan, scopes, random = Math.random, onInjected }: Deps): Inject => {
  const shares = Map.groupBy(plan.shares, ({ dependency }) => dependency);
  return async (call) => {
    const scope = scopes.current();
    const fault = scope?.forced.get(call.dependency) ?? draw(shares.get(call.dependency) ?? [], random);
    if (fault === undefined) return;
    const label = `${fault.dependency}:${fault.kind}`;
    scope?.injected.add(label);
    onInjected(fault, scope === undefined ? label : textOf(scope));
    await waitOrFail(fault, call);
  };
};
