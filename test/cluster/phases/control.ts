// The control: the same load must find pods that neither wait for load balancers (preStop) nor drain.

import type { Phase } from '../phase.ts';
import { RELEASE } from '../support/installation.ts';

const MAX_ROUNDS = 12;

export const CONTROL: Phase = {
  name: 'control',
  about: 'preStopSeconds=0 and drainSeconds=0; the api is restarted until a request fails',
  mustFail: true,
  run: async ({ installation, pods, failures }) => {
    const deployment = `deployment/${RELEASE}-api`;
    await installation.upgrade({ preStopSeconds: 0, drainSeconds: 0 });
    await pods.settle();
    for (let round = 0; round < MAX_ROUNDS && failures() === 0; round += 1) {
      await installation.kubectl(['rollout', 'restart', deployment]);
      await installation.kubectl(['rollout', 'status', deployment, '--timeout=120s']);
      await pods.settle();
    }
    await installation.upgrade();
    await pods.settle();
  },
};
