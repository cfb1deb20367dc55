// A policy is a function from manifests to violations. These build one from a rule for a pod or a container.

import { containersOf, podsOf, type Container, type Manifest, type Pod } from './manifest.ts';

export type Policy = (manifests: readonly Manifest[]) => string[];

export const eachPod =
  (find: (pod: Pod) => string[], pods = podsOf): Policy =>
  (manifests) =>
    pods(manifests).flatMap((pod) => find(pod).map((violation) => `${pod.owner.metadata.name}: ${violation}`));

export const eachContainer = (find: (container: Container) => string[], pods = podsOf): Policy =>
  eachPod((pod) => containersOf(pod).flatMap((one) => find(one).map((violation) => `${one.name} ${violation}`)), pods);

export const unless = (holds: boolean, violation: string): string[] => (holds ? [] : [violation]);

export const selects = (selector: Manifest['spec'] & object, labels: Record<string, string>): boolean =>
  Object.entries(selector.selector?.matchLabels ?? { none: '' }).every(([name, value]) => labels[name] === value); // eslint-disable-line security/detect-object-injection -- labels
