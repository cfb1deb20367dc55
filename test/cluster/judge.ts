// Whether a phase passed.

import { findFaults, type LoadFigures, type OrderFigures } from './figures.ts';
import type { Phase } from './phase.ts';

export type PhaseResult = {
  readonly name: string;
  readonly load: LoadFigures;
  readonly orders: OrderFigures;
  readonly replaced: number;
  /** None if the phase passed. */
  readonly faults: readonly string[];
  readonly isControl: boolean;
};

const NO_FAILURES =
  'no connection was broken: the load does not find pods that end without draining, so this run proves nothing';

/** A control needs failures; what else is wrong counts in both cases. */
export const judge = (phase: Pick<Phase, 'mustFail'>, load: LoadFigures, orders: OrderFigures): string[] => {
  const { mustFail } = phase;
  if (mustFail === undefined) return findFaults(load, orders);
  const isFound = [...load.failures.keys()].some((reason) => mustFail.test(reason));
  return [...findFaults({ ...load, failures: new Map() }, orders), ...(isFound ? [] : [NO_FAILURES])];
};
