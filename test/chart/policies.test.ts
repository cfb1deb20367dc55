// The rendered chart of every environment satisfies every policy, and every policy finds a manifest that violates it.

import { beforeAll, describe, expect, it } from 'vitest';

import { ENVIRONMENTS, readManifests, render } from './support/chart.ts';
import {
  ofKind,
  podsOf,
  processesOf,
  type Container,
  type Manifest,
  type Pod,
  type PodSpec,
} from './support/manifest.ts';
import { POLICIES } from './support/policies.ts';
import { VAULT } from './support/vault.ts';

const VARIANTS: [string, Parameters<typeof render>[0]][] = [
  ...ENVIRONMENTS.map((environment): [string, { environment: string }] => [environment, { environment }]),
  ['dev with a canary', { environment: 'dev', set: ['canary.tag=0.2.0'] }],
  ['dev with the agent as a sidecar', { set: ['datadog.mode=sidecar', 'datadog.apiKeySecret=datadog'] }],
  ['dev without an agent', { set: ['datadog.mode=embedded', 'datadog.apiKeySecret=datadog'] }],
  ['dev with Vault', { set: [...VAULT, 'topics.create=true'] }],
  ['dev with the synthetic journey', { set: ['synthetics.enabled=true'] }],
  ['dev with New Relic', { set: ['apm=newrelic', 'newRelic.licenseKeySecret=new-relic'] }],
];

/** The values of dev say so. */
const allowsAnyPeer = ({ environment = 'dev' }: Parameters<typeof render>[0] = {}): boolean => environment === 'dev';

describe.each(VARIANTS)('%s', (_name, options) => {
  let manifests: Manifest[];
  beforeAll(async () => {
    manifests = readManifests(await render(options));
  });

  it.each(Object.entries(POLICIES))('satisfies %s', (policy, find) => {
    const isExempt = policy === 'networkHasPeers' && allowsAnyPeer(options);
    const violations = find(manifests);
    if (isExempt) expect(violations).not.toEqual([]);
    else expect(violations).toEqual([]);
  });
});

type Edit = (manifests: Manifest[]) => unknown;

const first = <T>(items: readonly T[]): T => {
  if (items[0] === undefined) throw new Error('the chart has no manifest to edit');
  return items[0];
};
const inPod =
  (change: (pod: Pod) => unknown): Edit =>
  (manifests) =>
    change(first(processesOf(manifests)));
const inContainer = (change: (container: Container) => unknown): Edit =>
  inPod(({ spec }) => change(first(spec.containers)));
const inSecurity = (change: Record<string, unknown>): Edit =>
  inContainer(({ securityContext }) => Object.assign(securityContext ?? {}, change));
const inSpread = (change: object): Edit =>
  inPod(({ spec }) => Object.assign(first(spec.topologySpreadConstraints ?? []), change));
const inFirst =
  (kind: string, change: (spec: Manifest['spec'] & object) => unknown): Edit =>
  (manifests) =>
    change(first(ofKind(manifests, kind)).spec ?? {});
const inMigration = (change: (spec: PodSpec) => unknown): Edit =>
  inFirst('Job', (spec) => spec.template && change(spec.template.spec));
const without =
  (kind: string): Edit =>
  (manifests) =>
    manifests.splice(
      manifests.findIndex((manifest) => manifest.kind === kind),
      1,
    );

const VIOLATIONS: [keyof typeof POLICIES, string, Edit][] = [
  [
    'podsAreRestricted',
    'a root user',
    inPod(({ spec }) => Object.assign(spec.securityContext ?? {}, { runAsNonRoot: false })),
  ],
  ['podsAreRestricted', 'user 0', inPod(({ spec }) => Object.assign(spec.securityContext ?? {}, { runAsUser: 0 }))],
  ['podsAreRestricted', 'no seccomp profile', inPod(({ spec }) => delete spec.securityContext?.seccompProfile)],
  ['podsAreRestricted', 'the host network', inPod(({ spec }) => (spec.hostNetwork = true))],
  ['podsAreRestricted', 'a host path', inPod(({ spec }) => spec.volumes?.push({ hostPath: { path: '/' } }))],
  ['containersAreRestricted', 'privilege escalation', inSecurity({ allowPrivilegeEscalation: true })],
  ['containersAreRestricted', 'a privileged container', inSecurity({ privileged: true })],
  ['containersAreRestricted', 'default capabilities', inSecurity({ capabilities: { drop: [] } })],
  ['containersAreRestricted', 'an added capability', inSecurity({ capabilities: { drop: ['ALL'], add: ['NET_RAW'] } })],
  ['rootIsReadOnly', 'a writable root file system', inSecurity({ readOnlyRootFilesystem: false })],
  ['noAccountTokens', 'a service account token', inPod(({ spec }) => delete spec.automountServiceAccountToken)],
  ['noServiceLinks', 'service links', inPod(({ spec }) => delete spec.enableServiceLinks)],
  ['resourcesAreBounded', 'no memory limit', inContainer(({ resources }) => delete resources?.limits)],
  ['resourcesAreBounded', 'no requests', inContainer(({ resources }) => delete resources?.requests)],
  ['imagesHaveVersions', 'the tag latest', inContainer((container) => (container.image = 'user-service:latest'))],
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
  ['processesAreProbed', 'no readiness probe', inContainer((container) => delete container.readinessProbe)],
  ['processesAreProbed', 'no liveness probe', inContainer((container) => delete container.livenessProbe)],
  ['processesAreProbed', 'no startup probe', inContainer((container) => delete container.startupProbe)],
  ['rolloutsKeepCapacity', 'unavailable pods', inFirst('Deployment', (spec) => delete spec.strategy)],
  ['terminationIsGraceful', 'no preStop sleep', inContainer((container) => delete container.lifecycle)],
  ['terminationIsGraceful', 'a short grace period', inPod(({ spec }) => (spec.terminationGracePeriodSeconds = 20))],
  ['disruptionsAreBounded', 'no disruption budget', without('PodDisruptionBudget')],
  [
    'disruptionsAreBounded',
    'a disruption budget that blocks node drains',
    inFirst('PodDisruptionBudget', (spec) => delete spec.unhealthyPodEvictionPolicy),
  ],
  ['podsAreSpread', 'no topology spread', inPod(({ spec }) => delete spec.topologySpreadConstraints)],
  ['podsAreSpread', 'a strict spread over zones', inSpread({ whenUnsatisfiable: 'DoNotSchedule' })],
  ['podsAreSpread', 'a cordoned node that counts', inSpread({ nodeTaintsPolicy: 'Ignore' })],
  ['podsAreSpread', 'a node of another pool that counts', inSpread({ nodeAffinityPolicy: 'Ignore' })],
  ['migrationEndsBeforeHelm', 'a Job without a deadline', inFirst('Job', (spec) => delete spec.activeDeadlineSeconds)],
  [
    'migrationEndsBeforeHelm',
    'a Job that outlives the release',
    inFirst('Job', (spec) => (spec.activeDeadlineSeconds = 600)),
  ],
  [
    'migrationEndsBeforeHelm',
    'a pod that is deleted at the deadline',
    inMigration((spec) => delete spec.activeDeadlineSeconds),
  ],
  [
    'failedMigrationsAreExplained',
    'no default container',
    inFirst('Job', (spec) => delete spec.template?.metadata?.annotations),
  ],
  [
    'failedMigrationsAreExplained',
    'an invalid configuration that is tried again',
    inFirst('Job', (spec) => delete spec.podFailurePolicy),
  ],
  [
    'failedMigrationsAreExplained',
    'a Job that is never removed',
    inFirst('Job', (spec) => delete spec.ttlSecondsAfterFinished),
  ],
  ['networkIsDeniedByDefault', 'no default-deny policy', without('NetworkPolicy')],
  [
    'networkIsDeniedByDefault',
    'a policy that allows all ingress',
    inFirst('NetworkPolicy', (spec) => (spec.ingress = [{}])),
  ],
  ['networkHasPeers', 'a rule without peers', inFirst('NetworkPolicy', (spec) => (spec.egress = [{ ports: [] }]))],
  [
    'tagsAreUnified',
    'no version label',
    (manifests) => delete first(podsOf(manifests)).labels['tags.datadoghq.com/version'],
  ],
  ['settingsExist', 'an unknown setting', inContainer(({ env }) => env?.push({ name: 'HTTP_PROT', value: '1' }))],
];

describe('a violation', () => {
  const ofDev = render().then(readManifests);

  it.each(VIOLATIONS)('of %s is found: %s', async (policy, _violation, edit) => {
    const manifests = structuredClone(await ofDev);
    edit(manifests);
    // eslint-disable-next-line security/detect-object-injection -- a name of the table
    expect(POLICIES[policy](manifests)).not.toEqual([]);
  });

  it('exists for every policy', () => {
    expect(new Set(VIOLATIONS.map(([policy]) => policy))).toEqual(new Set(Object.keys(POLICIES)));
  });
});
