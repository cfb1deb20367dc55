// Policies that every rendered chart must satisfy. Each is a function from manifests to violations; policies.test.ts violates each one.

import { SECTIONS } from '../../../src/config/schema.ts';
import { settingsOf } from '../../../src/config/setting.ts';
import { ofKind, podsOf, processesOf, type Manifest } from './manifest.ts';
import { eachContainer, eachPod, selects, unless, type Policy } from './policy.ts';
import { ROLLOUT_POLICIES } from './rollout-policies.ts';

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
  const isKnown = (name: string): boolean =>
    NAMES.has(name) || /^DD_|\.mts$|^conf\.yaml$|^feature-flags\.json$|^NODE_EXTRA_CA_CERTS$/.test(name);
  return given.filter((name) => !isKnown(name)).map((name) => `${name} is not a setting of the service`);
};

export const POLICIES = {
  ...{ podsAreRestricted, containersAreRestricted, rootIsReadOnly, noAccountTokens, noServiceLinks },
  ...{ resourcesAreBounded, imagesHaveVersions, noSecretsInVariables, processesAreProbed },
  ...{ networkIsDeniedByDefault, networkHasPeers, tagsAreUnified, settingsExist },
  ...ROLLOUT_POLICIES,
} satisfies Record<string, Policy>;
