// Runs one phase under load and judges it.

import { addUp, sumOf, type LoadFigures } from './figures.ts';
import { judge, type PhaseResult } from './judge.ts';
import type { Phase, PhaseTools } from './phase.ts';
import type { Installation } from './support/installation.ts';
import type { Load } from './support/load.ts';
import { judgeOrders } from './support/orders.ts';
import type { Pods } from './support/pods.ts';

type Surroundings = {
  readonly installation: Installation;
  readonly load: Load;
  readonly pods: Pods;
  readonly print: (line: string) => void;
};

const PROGRESS_MS = 10_000;
const DECIDED_WITHIN_MS = 5000;

const describeError = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const runPhase = async (
  phase: Phase,
  { installation, load, pods, print }: Surroundings,
  signal: AbortSignal,
): Promise<PhaseResult> => {
  const begin = performance.now();
  const { refusals, decidedWithinMs = DECIDED_WITHIN_MS } = phase;
  const [linesUntilNow, podsUntilNow] = [load.begin(), pods.begin()];
  const figures = (): LoadFigures => addUp(linesUntilNow(), refusals);
  const tools: PhaseTools = {
    installation,
    pods,
    load,
    fewestReady: (component) => podsUntilNow().fewestReady(component),
    failures: () => [...figures().failures.keys()],
    undecided: async (withinMs) => (await judgeOrders(installation.namespace, figures().orders, withinMs)).undecided,
    note: (line) => {
      print(`    ${line}`);
    },
  };

  const progress = setInterval(() => {
    const { requests, failures } = figures();
    const seconds = Math.round((performance.now() - begin) / 1000);
    print(
      `    ${seconds} s: ${requests} requests, ${sumOf(failures)} failed, ${podsUntilNow().replaced} pods replaced`,
    );
  }, PROGRESS_MS);
  const faults: string[] = [];
  try {
    await phase.run(tools);
  } catch (error) {
    signal.throwIfAborted();
    faults.push(describeError(error));
  } finally {
    clearInterval(progress);
  }
  if (faults.length > 0)
    await installation
      .upgrade()
      .then(() => pods.settle())
      .catch(() => undefined); // so that the next phase starts from a good state
  await load.forSeconds(1);
  const total = figures();
  const { replaced } = podsUntilNow();
  const { tookMs, ...orders } = await judgeOrders(installation.namespace, total.orders, decidedWithinMs);
  if (decidedWithinMs > DECIDED_WITHIN_MS)
    tools.note(`all orders decided ${(tookMs / 1000).toFixed(1)} s after the phase`);
  const isControl = phase.mustFail !== undefined;
  return {
    name: phase.name,
    load: total,
    orders,
    replaced,
    faults: [...faults, ...judge(phase, total, orders)],
    isControl,
  };
};
