// Policies that every rendered chart must satisfy. Each is a function from manifests to violations; policies.test.ts violates each one.

import { SECTIONS } from '../../../src/config/schema.ts';
import { settingsOf } from '../../../src/config/setting.ts';
import { containersOf, ofKind, podsOf, processesOf, type Container, type Manifest, type Pod } from './manifest.ts';

export type Policy = (manifests: readonly Manifest[]) => string[];

const eachPod =
  (find: (pod: Pod) => string[], pods = podsOf): Policy =>
  (manifests) =>
    pods(manifests).flatMap((pod) => find(pod).map((violation) => `${pod.owner.metadata.name}: ${violation}`));

const eachContainer = (find: (container: Container) => string[], pods = podsOf): Policy =>
  eachPod((pod) => containersOf(pod).flatMap((one) => find(one).map((violation) => `${one.name} ${violation}`)), pods);

const unless = (holds: boolean, violation: string): string[] => (holds ? [] : [violation]);

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
const podsAreRestricted = eachPod(({ spec }) => {
  const { securityContext: security = {}, hostNetwork, hostPID, hostIPC } = spec;
  return [
    ...unless(security.runAsNonRoot === true, 'may run as root'),
    ...unless((security.runAsUser ?? 0) >= 10_000, 'has no numeric non-root user'),
    ...unless(security.seccompProfile?.type === 'RuntimeDefault', 'has no seccomp profile'),
    ...unless(hostNetwork !== true && hostPID !== true && hostIPC !== true, 'uses a host namespace'),
    ...unless(!(spec.volumes ?? []).some((volume) => 'hostPath' in volume), 'mounts a host path'),
  ];
});

const containersAreRestricted = eachContainer(({ securityContext: security = {} }) => [
  ...unless(security.allowPrivilegeEscalation === false, 'may gain privileges'),
  ...unless(security.privileged !== true, 'is privileged'),
  ...unless(security.capabilities?.drop?.includes('ALL') === true, 'keeps capabilities'),
  ...unless((security.capabilities?.add ?? []).length === 0, 'adds capabilities'),
]);

const rootIsReadOnly = eachContainer(({ securityContext }) =>
  unless(securityContext?.readOnlyRootFilesystem === true, 'has a writable root file system'),
);

const noAccountTokens = eachPod(({ spec }) =>
  unless(spec.automountServiceAccountToken === false, 'mounts a service account token'),
);

const noServiceLinks = eachPod(({ spec }) => unless(spec.enableServiceLinks === false, 'has service links enabled'));

const resourcesAreBounded = eachContainer(({ resources }) => [
  ...unless(resources?.requests?.cpu !== undefined, 'requests no CPU'),
  ...unless(resources?.requests?.memory !== undefined, 'requests no memory'),
  ...unless(resources?.limits?.memory !== undefined, 'has no memory limit'),
]);

const imagesHaveVersions = eachContainer(({ image }) =>
  unless(/:(?!latest$)[\w.-]+$|@sha256:[\da-f]{64}$/.test(image), `runs ${image}`),
);

const SECRET_NAME = /(?:PASSWORD|SECRET|TOKEN|KEYS?)$/;

/** Secrets are mounted as files. Exception: the Datadog agent reads its API key from a variable that references a Secret. */
const noSecretsInVariables: Policy = (manifests) => [
  ...eachContainer(({ env = [] }) =>
    env
      .filter(({ name, value }) => SECRET_NAME.test(name) && value !== undefined)
      .map(({ name }) => `has ${name} as plain text`),
  )(manifests),
  ...ofKind(manifests, 'ConfigMap').flatMap(({ metadata, data = {} }) =>
    Object.keys(data)
      .filter((name) => SECRET_NAME.test(name))
      .map((name) => `${metadata.name}: contains ${name}`),
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

const rolloutsKeepCapacity: Policy = (manifests) =>
  ofKind(manifests, 'Deployment').flatMap(({ metadata, spec }) => {
    const { maxSurge, maxUnavailable } = spec?.strategy?.rollingUpdate ?? {};
    return unless(
      maxSurge === 1 && maxUnavailable === 0,
      `${metadata.name}: may stop a pod before its replacement is ready`,
    );
  });

/** The termination grace period covers the preStop sleep and the shutdown of the process. */
const terminationIsGraceful: Policy = (manifests) => {
  const settings = ofKind(manifests, 'ConfigMap').find(({ data }) => data?.LIFECYCLE_SHUTDOWN_TIMEOUT_MS);
  const shutdownSeconds = Number(settings?.data?.LIFECYCLE_SHUTDOWN_TIMEOUT_MS) / 1000;
  return eachPod(({ spec, labels }) => {
    const preStop = spec.containers.find(({ lifecycle }) => lifecycle)?.lifecycle?.preStop?.sleep?.seconds ?? 0;
    const grace = spec.terminationGracePeriodSeconds ?? 30;
    const isRouted = labels['app.kubernetes.io/component'] === 'api';
    return [
      ...unless(!isRouted || preStop > 0, 'has no preStop sleep'),
      ...unless(
        grace > preStop + shutdownSeconds,
        `is killed after ${grace} s and needs ${preStop + shutdownSeconds} s`,
      ),
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
      unless(
        spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow',
        `${metadata.name}: an unready pod blocks a node drain`,
      ),
    ),
  ];
};

type Spread = {
  topologyKey?: string;
  whenUnsatisfiable?: string;
  nodeTaintsPolicy?: string;
  nodeAffinityPolicy?: string;
};

/**
 * Over nodes and, as a preference, over zones. A constraint that counts nodes where no pod can start blocks itself: cordoned or dead ones, and with a
 * strict constraint over zones every node without that label.
 */
const podsAreSpread = eachPod(({ spec }) => {
  const constraints = (spec.topologySpreadConstraints ?? []) as Spread[];
  const over = (key: string): Spread | undefined => constraints.find(({ topologyKey }) => topologyKey === key);
  const zones = over('topology.kubernetes.io/zone');
  return [
    ...unless(
      zones !== undefined && over('kubernetes.io/hostname') !== undefined,
      'is not spread over zones and nodes',
    ),
    ...unless(zones?.whenUnsatisfiable === 'ScheduleAnyway', 'needs a node with the label of a zone'),
    ...unless(
      constraints.every(
        ({ nodeTaintsPolicy, nodeAffinityPolicy }) => nodeTaintsPolicy === 'Honor' && nodeAffinityPolicy === 'Honor',
      ),
      'counts nodes where it can not start',
    ),
  ];
}, processesOf);

/** One NetworkPolicy selects every pod of the release and allows nothing. */
const networkIsDeniedByDefault: Policy = (manifests) => {
  const deniesAll = ({ spec }: Manifest): boolean =>
    spec?.policyTypes?.length === 2 &&
    spec.ingress === undefined &&
    spec.egress === undefined &&
    spec.podSelector?.matchExpressions === undefined &&
    podsOf(manifests).every(({ labels }) => selects({ selector: spec.podSelector ?? {} }, labels));
  return unless(ofKind(manifests, 'NetworkPolicy').some(deniesAll), 'there is no default-deny policy');
};

/** Each rule of a policy names its peers: a rule without peers allows everybody. `dev` is exempt, see its values. */
const networkHasPeers: Policy = (manifests) =>
  ofKind(manifests, 'NetworkPolicy').flatMap(({ metadata, spec }) =>
    [...(spec?.ingress ?? []), ...(spec?.egress ?? [])].flatMap((rule) => {
      const { from, to } = rule as { from?: unknown[]; to?: unknown[] };
      return unless((from ?? to ?? []).length > 0, `${metadata.name}: allows any peer`);
    }),
  );

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
  const isKnown = (name: string): boolean => NAMES.has(name) || /^DD_|\.mts$|^NODE_EXTRA_CA_CERTS$/.test(name);
  return given.filter((name) => !isKnown(name)).map((name) => `${name} is not a setting of the service`);
};

export const POLICIES = {
  ...{ podsAreRestricted, containersAreRestricted, rootIsReadOnly, noAccountTokens, noServiceLinks },
  ...{ resourcesAreBounded, imagesHaveVersions, noSecretsInVariables, processesAreProbed, rolloutsKeepCapacity },
  ...{ terminationIsGraceful, disruptionsAreBounded, podsAreSpread, networkIsDeniedByDefault, networkHasPeers },
  ...{ tagsAreUnified, settingsExist },
} satisfies Record<string, Policy>;
