// A drill: a fault, the alert that it raises, and the blocks of the runbook that end it.

import type { Stack, Target } from './stacks/stack.ts';

export type Drill = {
  /** In kebab case: the argument of `npm run gameday`. */
  readonly name: string;
  /** What breaks, in one sentence. */
  readonly title: string;
  /** Without `UserService`, as in observability/causes.yaml: `DependencyDown`. */
  readonly alert: string;
  /** Labels that the alert must have, besides its name. */
  readonly labels?: Readonly<Record<string, string>>;
  /** A page of runbooks/, without `.md`. */
  readonly runbook: string;
  /** Names of the blocks of the runbook that are executed, in this order. */
  readonly blocks: readonly string[];
  /** The blocks on a kind of stack whose steps are others. */
  readonly blocksOn?: Readonly<Partial<Record<Target, readonly string[]>>>;
  /** Why it cannot run on a kind of stack; then it is skipped. Default: it runs on all. */
  readonly notOn?: Readonly<Partial<Record<Target, string>>>;
  /** Variables of the blocks that an on-call person would fill in, for example the id of a blocking session, besides those of the stack. */
  readonly fillIn?: (stack: Stack) => Promise<Readonly<Record<string, string>>>;
  /** For `--guided`: a question about the symptoms, and its answer. */
  readonly question: string;
  readonly answer: string;
  /** What the log of a process shows of the fault: the first matching line is printed. */
  readonly log: { readonly process: 'api' | 'relay' | 'worker' | 'notification-service'; readonly line: RegExp };
  /** Why it cannot run on this machine, for example a program that is missing; then it is skipped. Undefined: it can. */
  readonly lacks?: () => Promise<string | undefined>;
  /** Prepares what the fault needs, before the clock starts. */
  readonly prepare?: (stack: Stack) => Promise<void>;
  readonly inject: (stack: Stack) => Promise<void>;
  /** Throws until the system is as before, besides the alert and the requests of users, which every drill checks. */
  readonly recovered?: (stack: Stack) => Promise<void>;
  /** What is known after the recovery, for the timeline. @param faultAt milliseconds since the epoch */
  readonly measure?: (stack: Stack, faultAt: number) => Promise<string>;
  /** Undoes the fault when a runbook failed to. */
  readonly undo: (stack: Stack) => Promise<void>;
};

export const blocksOf = ({ blocks, blocksOn }: Drill, target: Target): readonly string[] =>
  blocksOn?.[target] ?? blocks; // eslint-disable-line security/detect-object-injection -- a name of the type
