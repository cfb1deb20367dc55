// Several drills on one stack. After a failed drill the next one gets a new stack: nobody knows what the failed one has left.

import type { Drill } from './drill.ts';
import { startLoad, type Load } from './load.ts';
import type { OpenStack, StackOpener } from './stacks/stack.ts';
import { because, writeReport } from './report.ts';
import { runDrill, type DrillResult, type Surroundings } from './run-drill.ts';
import type { Screen } from './screen.ts';
import { formatTimeline } from './timeline.ts';

type Options = Pick<Surroundings, 'runbooks' | 'limits'> & {
  readonly opener: StackOpener;
  readonly screen: Screen;
  readonly signal: AbortSignal;
};

type Running = { readonly open: OpenStack; readonly load: Load };

const report = (result: DrillResult, screen: Screen): void => {
  const { outcome, reason, timeline, start } = result;
  if (timeline.length > 0) screen.line(`\n${formatTimeline(timeline, start)}`);
  screen.line(`\n${outcome}${because(reason)}`);
  if (outcome !== 'skipped') screen.line(`written to ${writeReport(result)}`);
};

const makeRunning = ({ opener, screen, signal }: Options) => {
  let running: Running | undefined;
  const close = async (): Promise<void> => {
    running?.load.end();
    await running?.open.close();
    running = undefined;
  };
  const get = async (): Promise<Running> => {
    if (running !== undefined) return running;
    const open = await opener(screen.line);
    running = { open, load: startLoad(open.stack.apiUrl) };
    signal.throwIfAborted();
    return running;
  };
  return { get, close };
};

/** @throws the reason of the signal when it is aborted; then everything is closed */
export const runDrills = async (drills: readonly Drill[], options: Options): Promise<DrillResult[]> => {
  const running = makeRunning(options);
  const results: DrillResult[] = [];
  try {
    for (const drill of drills) {
      const result = await runDrill(drill, { ...options, ...(await running.get()) });
      report(result, options.screen);
      results.push(result);
      if (result.outcome === 'failed') await running.close();
    }
  } finally {
    await running.close();
  }
  return results;
};
