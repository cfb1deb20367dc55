// What every render of the chart must keep, each a function from manifests to sentences. policies.test.ts breaks each one.

import { SECTIONS } from '../../../src/config/schema.ts';
import { settingsOf } from '../../../src/config/setting.ts';
import { containersOf, ofKind, podsOf, processesOf, type Container, type Manifest, type Pod } from './manifest.ts';

export type Policy = (manifests: readonly Manifest[]) => string[];

const eachPod =
  (find: (pod: Pod) => string[], pods = podsOf): Policy =>
  (manifests) =>
    pods(manifests).flatMap((pod) => find(pod).map((fault) => `${pod.owner.metadata.name}: ${fault}`));

const eachContainer = (find: (container: Container) => string[], pods = podsOf): Policy =>
  eachPod((pod) => containersOf(pod).flatMap((one) => find(one).map((fault) => `${one.name} ${fault}`)), pods);

const unless = (holds: boolean, fault: string): string[] => (holds ? [] : [fault]);

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
const podsAreRestricted = eachPod(({ spec }) => {
  const { securityContext: security = {}, hostNetwork, hostPID, hostIPC } = spec;
  return [
    ...unless(security.runAsNonRoot === true, 'may run as root'),
    ...unless((security.runAsUser ?? 0) >= 10_000, 'has no numeric user of its own'),
    ...unless(security.seccompProfile?.type === 'RuntimeDefault', 'has no seccomp profile'),
    ...unless(hostNetwork !== true && hostPID !== true && hostIPC !== true, 'shares a namespace of the node'),
    ...unless(!(spec.volumes ?? []).some((volume) => 'hostPath' in volume), 'mounts a path of the node'),
  ];
});

const containersAreRestricted = eachContainer(({ securityContext: security = {} }) => [
  ...unless(security.allowPrivilegeEscalation === false, 'may gain privileges'),
  ...unless(security.privileged !== true, 'is privileged'),
  ...unless(security.capabilities?.drop?.includes('ALL') === true, 'keeps capabilities'),
  ...unless((security.capabilities?.add ?? []).length === 0, 'adds capabilities'),
]);

const rootIsReadOnly = eachContainer(({ securityContext }) =>
  unless(securityContext?.readOnlyRootFilesystem === true, 'can write to its image'),
);

const noAccountTokens = eachPod(({ spec }) =>
  unless(spec.automountServiceAccountToken === false, 'mounts a service account token'),
);

const noServiceLinks = eachPod(({ spec }) => unless(spec.enableServiceLinks === false, 'gets variables of Services'));

const resourcesAreBounded = eachContainer(({ resources }) => [
  ...unless(resources?.requests?.cpu !== undefined, 'requests no CPU'),
  ...unless(resources?.requests?.memory !== undefined, 'requests no memory'),
  ...unless(resources?.limits?.memory !== undefined, 'has no memory limit'),
]);

const imagesHaveVersions = eachContainer(({ image }) =>
  unless(/:(?!latest$)[\w.-]+$|@sha256:[\da-f]{64}$/.test(image), `runs ${image}`),
);

const SECRET_NAME = /(?:PASSWORD|SECRET|TOKEN|KEYS?)$/;

/** Secrets are files. The agent of Datadog, which is not ours, reads one variable, from a Secret. */
const noSecretsInVariables: Policy = (manifests) => [
  ...eachContainer(({ env = [] }) =>
    env
      .filter(({ name, value }) => SECRET_NAME.test(name) && value !== undefined)
      .map(({ name }) => `is given ${name}`),
  )(manifests),
  ...ofKind(manifests, 'ConfigMap').flatMap(({ metadata, data = {} }) =>
    Object.keys(data)
      .filter((name) => SECRET_NAME.test(name))
      .map((name) => `${metadata.name}: holds ${name}`),
  ),
];

const processesAreProbed = eachContainer(
  ({ name, startupProbe, livenessProbe, readinessProbe }) =>
    unless(
      name === 'datadog-config' || [startupProbe, livenessProbe, readinessProbe].every((probe) => probe !== undefined),
      'lacks a probe',
    ),
  processesOf,
);

const rolloutsLoseNothing: Policy = (manifests) =>
  ofKind(manifests, 'Deployment').flatMap(({ metadata, spec }) => {
    const { maxSurge, maxUnavailable } = spec?.strategy?.rollingUpdate ?? {};
    return unless(
      maxSurge === 1 && maxUnavailable === 0,
      `${metadata.name}: takes a pod away before the next is ready`,
    );
  });

/** The kubelet waits for the pause, the shutdown of the process, and a little. */
const endsAreOrderly: Policy = (manifests) => {
  const settings = ofKind(manifests, 'ConfigMap').find(({ data }) => data?.LIFECYCLE_SHUTDOWN_TIMEOUT_MS);
  const shutdownSeconds = Number(settings?.data?.LIFECYCLE_SHUTDOWN_TIMEOUT_MS) / 1000;
  return eachPod(({ spec, labels }) => {
    const pause = spec.containers.find(({ lifecycle }) => lifecycle)?.lifecycle?.preStop?.sleep?.seconds ?? 0;
    const grace = spec.terminationGracePeriodSeconds ?? 30;
    const isRouted = labels['app.kubernetes.io/component'] === 'api';
    return [
      ...unless(!isRouted || pause > 0, 'ends before those who route to it know'),
      ...unless(grace > pause + shutdownSeconds, `is killed after ${grace} s and needs ${pause + shutdownSeconds} s`),
    ];
  }, processesOf)(manifests);
};

const selects = (selector: Manifest['spec'] & object, labels: Record<string, string>): boolean =>
  Object.entries(selector.selector?.matchLabels ?? { none: '' }).every(([name, value]) => labels[name] === value); // eslint-disable-line security/detect-object-injection -- labels

const disruptionsAreBounded: Policy = (manifests) => {
  const budgets = ofKind(manifests, 'PodDisruptionBudget');
  return [
    ...eachPod(
      ({ labels }) =>
        unless(
          budgets.some(({ spec }) => spec && selects(spec, labels)),
          'has no disruption budget',
        ),
      processesOf,
    )(manifests),
    ...budgets.flatMap(({ metadata, spec }) =>
      unless(spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow', `${metadata.name}: a broken pod holds up a node`),
    ),
  ];
};

const podsAreSpread = eachPod(
  ({ spec }) => unless((spec.topologySpreadConstraints ?? []).length === 2, 'may stand on one node with its like'),
  processesOf,
);

/** A policy that selects every pod of the release and allows nothing. */
const networkIsDenied: Policy = (manifests) => {
  const isDenial = ({ spec }: Manifest): boolean =>
    spec?.policyTypes?.length === 2 &&
    spec.ingress === undefined &&
    spec.egress === undefined &&
    spec.podSelector?.matchExpressions === undefined &&
    podsOf(manifests).every(({ labels }) => selects({ selector: spec.podSelector ?? {} }, labels));
  return unless(ofKind(manifests, 'NetworkPolicy').some(isDenial), 'no policy denies everything');
};

const TAGS = ['service', 'env', 'version'].map((tag) => `tags.datadoghq.com/${tag}`);

const tagsAreUnified = eachPod(
  ({ labels }) => TAGS.filter((tag) => !labels[tag]).map((tag) => `lacks the label ${tag}`), // eslint-disable-line security/detect-object-injection -- labels
);

const NAMES = new Set(Object.values(SECTIONS).flatMap((room) => settingsOf(room).map(([, { env }]) => env)));

const settingsExist: Policy = (manifests) => {
  const given = [
    ...ofKind(manifests, 'ConfigMap').flatMap(({ data = {} }) => Object.keys(data)),
    ...processesOf(manifests).flatMap(({ spec }) =>
      spec.containers.flatMap(({ env = [] }) => env.map(({ name }) => name)),
    ),
  ];
  const isKnown = (name: string): boolean => NAMES.has(name) || name.startsWith('DD_') || name.endsWith('.mts');
  return given.filter((name) => !isKnown(name)).map((name) => `${name} is no setting of the service`);
};

export const POLICIES = {
  ...{ podsAreRestricted, containersAreRestricted, rootIsReadOnly, noAccountTokens, noServiceLinks },
  ...{ resourcesAreBounded, imagesHaveVersions, noSecretsInVariables, processesAreProbed, rolloutsLoseNothing },
  ...{ endsAreOrderly, disruptionsAreBounded, podsAreSpread, networkIsDenied, tagsAreUnified, settingsExist },
} satisfies Record<string, Policy>;
