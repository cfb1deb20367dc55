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
    logger.error({ step: name, err }, 'could not be closed');
    return false;
  }
};

/** Closes one step after the other, the last one first. One that fails doesn't stop the others; false when any failed. */
export const closeSteps = async (steps: readonly Step[], { logger, onStep }: Options): Promise<boolean> => {
  let allClosed = true;
  for (const step of steps.toReversed()) {
    onStep(step.name);
    allClosed = (await closeStep(step, logger)) && allClosed;
  }
  return allClosed;
};
