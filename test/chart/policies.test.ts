// Every environment keeps every policy, and every policy finds the bug that is planted for it into a render.

import { beforeAll, describe, expect, it } from 'vitest';

import { ENVIRONMENTS, readManifests, render } from './support/chart.ts';
import { ofKind, podsOf, processesOf, type Container, type Manifest, type Pod } from './support/manifest.ts';
import { POLICIES } from './support/policies.ts';

const VARIANTS: [string, Parameters<typeof render>[0]][] = [
  ...ENVIRONMENTS.map((environment): [string, { environment: string }] => [environment, { environment }]),
  ['dev with a canary', { environment: 'dev', set: ['canary.tag=0.2.0'] }],
  ['dev with the agent as a sidecar', { set: ['datadog.mode=sidecar', 'datadog.apiKeySecret=datadog'] }],
];

describe.each(VARIANTS)('%s', (_name, options) => {
  let manifests: Manifest[];
  beforeAll(async () => {
    manifests = readManifests(await render(options));
  });

  it.each(Object.entries(POLICIES))('keeps %s', (_policy, find) => {
    expect(find(manifests)).toEqual([]);
  });
});

type Plant = (manifests: Manifest[]) => unknown;

const first = <T>(items: readonly T[]): T => {
  if (items[0] === undefined) throw new Error('nothing to plant a bug in');
  return items[0];
};
const inPod =
  (change: (pod: Pod) => unknown): Plant =>
  (manifests) =>
    change(first(processesOf(manifests)));
const inContainer = (change: (container: Container) => unknown): Plant =>
  inPod(({ spec }) => change(first(spec.containers)));
const inSecurity = (change: Record<string, unknown>): Plant =>
  inContainer(({ securityContext }) => Object.assign(securityContext ?? {}, change));
const inFirst =
  (kind: string, change: (spec: Manifest['spec'] & object) => unknown): Plant =>
  (manifests) =>
    change(first(ofKind(manifests, kind)).spec ?? {});
const dropped =
  (kind: string): Plant =>
  (manifests) =>
    manifests.splice(
      manifests.findIndex((manifest) => manifest.kind === kind),
      1,
    );

const PLANTED: [keyof typeof POLICIES, string, Plant][] = [
  [
    'podsAreRestricted',
    'root',
    inPod(({ spec }) => Object.assign(spec.securityContext ?? {}, { runAsNonRoot: false })),
  ],
  ['podsAreRestricted', 'user 0', inPod(({ spec }) => Object.assign(spec.securityContext ?? {}, { runAsUser: 0 }))],
  ['podsAreRestricted', 'no seccomp', inPod(({ spec }) => delete spec.securityContext?.seccompProfile)],
  ['podsAreRestricted', 'the network of the node', inPod(({ spec }) => (spec.hostNetwork = true))],
  ['podsAreRestricted', 'a path of the node', inPod(({ spec }) => spec.volumes?.push({ hostPath: { path: '/' } }))],
  ['containersAreRestricted', 'escalation', inSecurity({ allowPrivilegeEscalation: true })],
  ['containersAreRestricted', 'privileges', inSecurity({ privileged: true })],
  ['containersAreRestricted', 'capabilities', inSecurity({ capabilities: { drop: [] } })],
  ['containersAreRestricted', 'one more capability', inSecurity({ capabilities: { drop: ['ALL'], add: ['NET_RAW'] } })],
  ['rootIsReadOnly', 'a writable root', inSecurity({ readOnlyRootFilesystem: false })],
  ['noAccountTokens', 'a token', inPod(({ spec }) => delete spec.automountServiceAccountToken)],
  ['noServiceLinks', 'service links', inPod(({ spec }) => delete spec.enableServiceLinks)],
  ['resourcesAreBounded', 'no memory limit', inContainer(({ resources }) => delete resources?.limits)],
  ['resourcesAreBounded', 'no requests', inContainer(({ resources }) => delete resources?.requests)],
  ['imagesHaveVersions', 'latest', inContainer((container) => (container.image = 'user-service:latest'))],
  ['imagesHaveVersions', 'no tag', inContainer((container) => (container.image = 'user-service'))],
  [
    'noSecretsInVariables',
    'a password in a variable',
    inContainer(({ env }) => env?.push({ name: 'POSTGRES_PASSWORD', value: 'x' })),
  ],
  [
    'noSecretsInVariables',
    'a password in the settings',
    (manifests) => (first(ofKind(manifests, 'ConfigMap')).data = { REDIS_PASSWORD: 'x' }),
  ],
  ['processesAreProbed', 'no readiness', inContainer((container) => delete container.readinessProbe)],
  ['processesAreProbed', 'no liveness', inContainer((container) => delete container.livenessProbe)],
  ['processesAreProbed', 'no start', inContainer((container) => delete container.startupProbe)],
  ['rolloutsLoseNothing', 'unavailable pods', inFirst('Deployment', (spec) => delete spec.strategy)],
  ['endsAreOrderly', 'no pause', inContainer((container) => delete container.lifecycle)],
  ['endsAreOrderly', 'a short grace', inPod(({ spec }) => (spec.terminationGracePeriodSeconds = 20))],
  ['disruptionsAreBounded', 'no budget', dropped('PodDisruptionBudget')],
  [
    'disruptionsAreBounded',
    'a budget that holds up nodes',
    inFirst('PodDisruptionBudget', (spec) => delete spec.unhealthyPodEvictionPolicy),
  ],
  ['podsAreSpread', 'no spread', inPod(({ spec }) => delete spec.topologySpreadConstraints)],
  ['networkIsDenied', 'no denial', dropped('NetworkPolicy')],
  ['networkIsDenied', 'a denial that lets all in', inFirst('NetworkPolicy', (spec) => (spec.ingress = [{}]))],
  ['tagsAreUnified', 'no version', (manifests) => delete first(podsOf(manifests)).labels['tags.datadoghq.com/version']],
  ['settingsExist', 'a typo', inContainer(({ env }) => env?.push({ name: 'HTTP_PROT', value: '1' }))],
];

describe('planted', () => {
  it.each(PLANTED)('%s finds %s', async (policy, _bug, plant) => {
    const manifests = readManifests(await render());
    plant(manifests);
    // eslint-disable-next-line security/detect-object-injection -- a name of the table
    expect(POLICIES[policy](manifests)).not.toEqual([]);
  });

  it('leaves no policy out', () => {
    expect(new Set(PLANTED.map(([policy]) => policy))).toEqual(new Set(Object.keys(POLICIES)));
  });
});
