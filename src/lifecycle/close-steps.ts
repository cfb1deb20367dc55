import type { Log } from '../observability/log-fields.ts';

/** A part of the process that has to be closed: server, pool, tracer, logger. */
export type Step = { readonly name: string; readonly close: () => void | Promise<void> };

type Options = { readonly logger: Log; readonly onStep: (name: string) => void };

const closeStep = async ({ name, close }: Step, logger: Log): Promise<boolean> => {
  const start = performance.now();
  try {
    await close();
    logger.info({ step: name, durationMs: Math.round(performance.now() - start) }, 'closed');
    return true;
  } catch (err) {
    logger.error({ step: name, err }, 'close failed');
    return false;
  }
};

/** Closes the steps one after another, the last one first. A failure does not stop the others; false when any failed. */
export const closeSteps = async (steps: readonly Step[], { logger, onStep }: Options): Promise<boolean> => {
  let allClosed = true;
  for (const step of steps.toReversed()) {
    onStep(step.name);
    allClosed = (await closeStep(step, logger)) && allClosed;
  }
  return allClosed;
};
