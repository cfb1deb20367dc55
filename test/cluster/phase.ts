// What a phase of the suite is, and what it can use.

import type { Installation } from './support/installation.ts';
import type { Load } from './support/load.ts';
import type { Component, Pods } from './support/pods.ts';

export type PhaseTools = {
  readonly installation: Installation;
  readonly pods: Pods;
  readonly load: Load;
  /** Number of orders acknowledged in this phase until now that are not decided within the time given. */
  readonly undecided: (withinMs: number) => Promise<number>;
  /** The smallest number of ready pods in this phase until now. */
  readonly fewestReady: (component: Component) => number;
  /** Reasons of failed requests in this phase until now. */
  readonly failures: () => readonly string[];
  /** Prints a line of figures below the row of the phase. */
  readonly note: (line: string) => void;
};

export type Phase = {
  readonly name: string;
  /** What happens, for `--list` and the progress. */
  readonly about: string;
  readonly run: (tools: PhaseTools) => Promise<void>;
  /** Outcomes of requests that are right while this phase runs. They are counted as refused instead of failed. */
  readonly refusals?: RegExp;
  /** The phase is a control: it passes if requests fail for such a reason. Other failures do not count. */
  readonly mustFail?: RegExp;
  /** How long the orders of the phase may take to be decided after its end. Default: 5 s. */
  readonly decidedWithinMs?: number;
};

/** @throws Error with the message, which becomes a fault of the phase */
export const ensure = (condition: boolean, message: string): void => {
  if (!condition) throw new Error(message);
};
