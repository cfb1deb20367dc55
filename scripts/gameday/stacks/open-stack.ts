// The one place that knows which kinds of stack there are.

import { env } from 'node:process';

import { provide } from '../../provide.ts';
import { isClone } from './compose/checkout.ts';
import { composeStackOpener } from './compose/compose-stack.ts';
import { findPrometheus } from './native/prometheus.ts';
import { openControlServer } from './native/control-server.ts';
import { findCluster } from './cluster/find-cluster.ts';
import { startClusterStack } from './cluster/cluster-stack.ts';
import { startNativeStack } from './native/native-stack.ts';
import type { StackOpener, Target } from './stack.ts';

/** Processes of this machine, controlled by `npm run stack`. @returns the reason when it can't run here */
const nativeOpener = (): StackOpener | string => {
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

/** Containers of Docker Compose, controlled by `docker compose` in the clone. @returns the reason when it can't run here */
const composeOpener = (): StackOpener | string => {
  const programs = findPrometheus(); // blocks call promtool
  if (typeof programs === 'string') return programs;
  if (!isClone()) return 'needs a clone of the repository: the stack runs from a copy of its last commit';
  const engine = provide('docker');
  if (typeof engine === 'string') return `needs Docker with compose: ${engine}`;
  Object.assign(env, engine);
  return composeStackOpener(programs.promtool);
};

/** A namespace of its own in the cluster. @returns the reason when it can't run here */
const clusterOpener = (): StackOpener | string => {
  const found = findCluster();
  return typeof found === 'string' ? found : (report) => startClusterStack(found.promtool, report);
};

/** What opens a stack of a kind, or the reason why it can't run here. */
const OPENERS: Readonly<Record<Target, () => StackOpener | string>> = {
  local: nativeOpener,
  compose: composeOpener,
  kubectl: clusterOpener,
};

export const openerFor = (target: Target): StackOpener | string => OPENERS[target](); // eslint-disable-line security/detect-object-injection -- a name of the type
