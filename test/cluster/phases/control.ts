// The control: the same load must find pods that neither wait for load balancers (preStop) nor drain.

import type { Phase } from '../phase.ts';
import { RELEASE } from '../support/installation.ts';

const MAX_ROUNDS = 12;
/** Not a 503: a machine that is too busy would pass for a pod that does not drain. */
const BROKEN_CONNECTION = / (?:ECONN(?:RESET|REFUSED)|EPIPE|EHOSTUNREACH)$/;

export const CONTROL: Phase = {
  name: 'control',
  about: 'preStopSeconds=0 and drainSeconds=0; the api is restarted until a connection breaks',
  mustFail: BROKEN_CONNECTION,
  run: async ({ installation, pods, failures }) => {
    const deployment = `deployment/${RELEASE}-api`;
    await installation.upgrade({ preStopSeconds: 0, drainSeconds: 0 });
    await pods.settle();
    for (
      let round = 0;
      round < MAX_ROUNDS && !failures().some((reason) => BROKEN_CONNECTION.test(reason));
      round += 1
    ) {
      await installation.kubectl(['rollout', 'restart', deployment]);
      await installation.kubectl(['rollout', 'status', deployment, '--timeout=120s']);
      await pods.settle();
    }
    await installation.upgrade();
    await pods.settle();
  },
};
