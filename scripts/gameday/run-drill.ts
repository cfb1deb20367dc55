// One drill, from a system that works to a system that works again.

import { isAlreadyFiring, settle } from './settle.ts';
import { makeAlerts, type Alert } from './alerts.ts';
import { blocksOf, type Drill } from './drill.ts';
import { makeEvidence } from './evidence.ts';
import type { Load } from './load.ts';
import { findBlocks, openTerminal } from './runbook.ts';
import type { Screen } from './screen.ts';
import type { OpenStack, Target } from './stacks/stack.ts';
import { firstFailureOf, seconds, type Entry } from './timeline.ts';
import { eventually } from '../../test/support/eventually.ts';

const EVERY_MS = 250;
export const LIMITS = { alertMs: 90_000, recoveryMs: 90_000, drillMs: 180_000 };

export type Surroundings = {
  readonly open: OpenStack;
  readonly load: Load;
  readonly screen: Screen;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Of the runbooks, for tests. */
  readonly runbooks?: string;
  readonly limits?: typeof LIMITS;
};

export type DrillResult = {
  readonly drill: Drill;
  readonly target: Target;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly reason?: string;
  /** The time of the fault. */
  readonly start: number;
  readonly timeline: readonly Entry[];
  /** What was looked at: dashboard, log line, trace. */
  readonly lookedAt: readonly string[];
  readonly detectMs?: number;
  readonly recoverMs?: number;
  readonly totalMs: number;
};

type Progress = { start: number; timeline: Entry[]; lookedAt: string[]; detectMs?: number; recoverMs?: number };

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The phases that follow the fault, each of which adds to `progress`. */
const makePhases = (drill: Drill, surroundings: Surroundings, signal: AbortSignal, progress: Progress) => {
  const { open, load, screen, limits = LIMITS } = surroundings;
  const { stack } = open;
  const alerts = makeAlerts(stack.variables.PROMETHEUS_URL ?? '');
  const evidence = makeEvidence(drill, open);
  const note = (what: string, detail: string, at = Date.now()): void => {
    progress.timeline.push({ at, what, detail });
    screen.line(`  +${seconds(at - progress.start)}  ${what}: ${detail}`);
  };
  const look = (what: string, detail: string): void => {
    progress.lookedAt.push(`${what}: ${detail}`);
    screen.line(`           ${what}: ${detail}`);
  };

  const inject = async (): Promise<void> => {
    await evidence.begin();
    progress.start = Date.now();
    await drill.inject(stack);
    note('fault', drill.title, progress.start);
  };

  /** @throws Error with the current values of the alert's query */
  const detect = async (): Promise<Alert> => {
    const found = eventually(
      async () => {
        const alert = await alerts.find(drill);
        if (alert === undefined) throw new Error('not yet');
        return alert;
      },
      { deadlineMs: limits.alertMs, everyMs: EVERY_MS, signal },
    ).catch(async (error: unknown) => {
      signal.throwIfAborted();
      const why = await alerts.explain(drill).catch((cause: unknown) => messageOf(cause));
      throw new Error(`The alert ${drill.alert} does not fire within ${limits.alertMs / 1000} s.\n${why}`, {
        cause: error,
      });
    });
    const alert = await found;
    progress.detectMs = Date.now() - progress.start;
    const labels = Object.entries(drill.labels ?? {}).map(([label, value]) => ` ${label}="${value}"`);
    note('alert', `${alert.labels.alertname ?? ''}${labels.join('')} fires`);
    look('says', alert.annotations.summary ?? '');
    return alert;
  };

  const investigate = async (alert: Alert): Promise<void> => {
    look('dashboard', alert.annotations.dashboard ?? 'none');
    const shown = await evidence.find({ deadlineMs: 5000, everyMs: EVERY_MS, signal });
    for (const { what, detail } of shown) look(what, detail);
    look('runbook', `runbooks/${drill.runbook}.md`);
    await screen.ask(drill.question, signal);
    screen.answer(drill.answer);
  };

  const followRunbook = async (): Promise<void> => {
    const blocks = findBlocks(drill.runbook, blocksOf(drill, stack.target), stack.target, surroundings.runbooks);
    const terminal = openTerminal({ ...stack.variables, ...(await drill.fillIn?.(stack)) }, stack.folder);
    try {
      for (const block of blocks) {
        await screen.ask(`Next step of the runbook: ${block.name}. What do you expect to see?`, signal);
        screen.line(`           $ ${block.name}`);
        const { name, tookMs, output } = await terminal.run(block, signal);
        if (output !== '') screen.block(output);
        note('step', `${name} (${seconds(tookMs)})`);
      }
    } finally {
      terminal.close();
    }
  };

  const recover = async (): Promise<void> => {
    const check = async (): Promise<void> => {
      if ((await alerts.find(drill)) !== undefined) throw new Error(`the alert ${drill.alert} still fires`);
      load.assertHealthy();
      await drill.recovered?.(stack);
    };
    await eventually(check, { deadlineMs: limits.recoveryMs, everyMs: EVERY_MS, signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw new Error(`No recovery within ${limits.recoveryMs / 1000} s: ${messageOf(error)}`, { cause: error });
    });
    progress.recoverMs = Date.now() - progress.start;
    note('recovery', `${drill.alert} is resolved, and requests succeed`);
    if (drill.measure !== undefined) note('measured', await drill.measure(stack, progress.start));
    if (!(await evidence.found()))
      throw new Error(`No log line of ${drill.log.process} matches ${String(drill.log.line)}.`);
  };

  const addFirstFailure = (): void => {
    if (progress.start === 0) return;
    progress.timeline.push(firstFailureOf(load.firstFailureSince(progress.start), progress.start));
  };

  return { inject, detect, investigate, followRunbook, recover, addFirstFailure, alerts };
};

const attempt = async (drill: Drill, surroundings: Surroundings, progress: Progress, signal: AbortSignal) => {
  const { open, screen, load } = surroundings;
  const { target } = open.stack;
  findBlocks(drill.runbook, blocksOf(drill, target), target, surroundings.runbooks); // before anything is broken
  const phases = makePhases(drill, surroundings, signal, progress);
  const others = await settle({ drill, load, alerts: phases.alerts, signal });
  if (others.length > 0) screen.line(`  ${isAlreadyFiring(others)}`);
  await drill.prepare?.(open.stack);
  try {
    await phases.inject();
    const alert = await phases.detect();
    await phases.investigate(alert);
    await phases.followRunbook();
    await phases.recover();
  } finally {
    phases.addFirstFailure();
  }
};

/** Never rejects, except when the signal of `surroundings` is aborted. A failed drill has been undone as far as possible. */
export const runDrill = async (drill: Drill, surroundings: Surroundings): Promise<DrillResult> => {
  const { screen, signal, open, limits = LIMITS } = surroundings;
  const begin = Date.now();
  const progress: Progress = { start: 0, timeline: [], lookedAt: [] };
  const result = (outcome: DrillResult['outcome'], reason?: string): DrillResult => ({
    ...{ drill, target: open.stack.target, outcome, ...progress, totalMs: Date.now() - begin },
    ...(reason !== undefined && { reason }),
  });
  screen.line(`\n▶ ${drill.name}: ${screen.guided ? 'something breaks' : drill.title}`);
  const lacks = drill.notOn?.[open.stack.target] ?? (await drill.lacks?.());
  if (lacks !== undefined) return result('skipped', lacks);
  const timeout = screen.guided ? new AbortController().signal : AbortSignal.timeout(limits.drillMs); // a learner may think
  try {
    await attempt(drill, surroundings, progress, AbortSignal.any([signal, timeout]));
    return result('passed');
  } catch (error) {
    signal.throwIfAborted();
    await drill.undo(open.stack).catch((cause: unknown) => {
      screen.line(`  The fault could not be undone: ${messageOf(cause)}`);
    });
    const reason = timeout.aborted ? `It takes longer than ${limits.drillMs / 1000} s.` : messageOf(error);
    return result('failed', reason);
  }
};
