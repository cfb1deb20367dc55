// Changes that are meant to succeed.

import { ensure, type Phase, type PhaseTools } from '../phase.ts';
import { COMPONENTS } from '../support/pods.ts';
import { RELEASE } from '../support/installation.ts';

const deployment = (component: string): string => `deployment/${RELEASE}-${component}`;

const restart = async ({ installation, pods }: PhaseTools, components: readonly string[]): Promise<void> => {
  await installation.kubectl(['rollout', 'restart', ...components.map(deployment)]);
  for (const component of components)
    await installation.kubectl(['rollout', 'status', deployment(component), '--timeout=180s']);
  await pods.settle();
};

const calm: Phase = {
  name: 'calm',
  about: 'nothing happens, for comparison',
  run: ({ load }) => load.forSeconds(15),
};

const upgrade: Phase = {
  name: 'upgrade',
  about: 'helm upgrade to the next image; migration Job, then all three Deployments at once',
  run: async ({ installation, pods }) => {
    await installation.upgrade({ 'image.tag': installation.images.next });
    await pods.settle();
  },
};

const rollback: Phase = {
  name: 'rollback',
  about: 'helm rollback to the first image',
  run: async ({ installation, pods }) => {
    await installation.rollback();
    await pods.settle();
  },
};

const restarts: Phase = {
  name: 'restart',
  about: 'kubectl rollout restart of all Deployments, then of the api again',
  run: async (tools) => {
    await restart(tools, COMPONENTS);
    await restart(tools, ['api']);
  },
};

const scale: Phase = {
  name: 'scale',
  about: 'three api pods become five, then two, then three',
  run: async ({ installation, pods, load }) => {
    for (const count of [5, 2, 3]) {
      await installation.kubectl(['scale', deployment('api'), `--replicas=${count}`]);
      await installation.kubectl(['rollout', 'status', deployment('api'), '--timeout=120s']);
      await pods.settle();
      await load.forSeconds(2);
    }
  },
};

const autoscaling: Phase = {
  name: 'autoscaling',
  about: 'the HorizontalPodAutoscaler of the api is switched on and off; the number of pods must not drop',
  run: async ({ installation, pods, load, fewestReady }) => {
    await installation.upgrade({ 'api.autoscaling.enabled': true, 'api.autoscaling.maxReplicas': 4 });
    await load.forSeconds(10);
    await installation.upgrade();
    await pods.settle();
    const fewest = fewestReady('api');
    ensure(fewest >= 3, `the api had ${fewest} ready pods for a while, fewer than three`);
  },
};

const canary: Phase = {
  name: 'canary',
  about: 'a canary of the next image is installed, promoted and so removed; then back to the first image',
  run: async ({ installation, pods, load }) => {
    const { current, next } = installation.images;
    const canaries = (): number =>
      pods.ready('api').filter(({ name }) => name.startsWith(`${RELEASE}-api-canary-`)).length;
    await installation.upgrade({ 'canary.tag': next });
    await pods.settle();
    ensure(canaries() === 1, `there are ${canaries()} canary pods`);
    await load.forSeconds(5);
    await installation.upgrade({ 'image.tag': next });
    await pods.settle();
    ensure(canaries() === 0, `${canaries()} canary pods are left after the promotion`);
    await installation.upgrade({ 'image.tag': current });
    await pods.settle();
  },
};

export const ROLLOUTS = { calm, upgrade, rollback, restarts, scale, autoscaling, canary };
