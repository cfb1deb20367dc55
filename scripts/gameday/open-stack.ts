// The one place that knows which kinds of stack there are.

import { findPrometheus } from './native/prometheus.ts';
import { openControlServer } from './native/control-server.ts';
import { startNativeStack } from './native/native-stack.ts';
import type { StackOpener } from './stack.ts';

/** Processes of this machine, controlled by `npm run stack`. @returns the reason when it can't run here */
export const nativeOpener = (): StackOpener | string => {
  const programs = findPrometheus();
  if (typeof programs === 'string') return programs;
  return async (report) => {
    const native = await startNativeStack(programs, report);
    const control = await openControlServer(native);
    return {
      stack: native.stack,
      spansOf: native.traces.spansOf,
      close: async () => {
        control.close();
        await native.close();
      },
    };
  };
};
