// Policies for what happens while a release replaces another: the migration, capacity, termination, disruptions and spread.

import { ofKind, processesOf } from './manifest.ts';
import { eachPod, selects, unless, type Policy } from './policy.ts';

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

/** Helm waits five minutes for a hook, unless `--timeout` says otherwise. */
const HELM_TIMEOUT_SECONDS = 300;
const WRONG_USAGE = 64;
const INVALID_CONFIGURATION = 78;

/**
 * Helm reports a failure at its timeout, and a Job that goes on would migrate afterwards. The pod ends first: Kubernetes keeps a failed pod with its
 * logs, and deletes the running pod of a Job that reaches its deadline.
 */
const migrationEndsBeforeHelm: Policy = (manifests) =>
  ofKind(manifests, 'Job').flatMap(({ metadata, spec }) => {
    const pod = spec?.template?.spec;
    const deadline = spec?.activeDeadlineSeconds ?? Infinity;
    const podEnds = (pod?.activeDeadlineSeconds ?? Infinity) + (pod?.terminationGracePeriodSeconds ?? 30);
    return [
      ...unless(deadline < HELM_TIMEOUT_SECONDS, `${metadata.name}: goes on after Helm has given up`),
      ...unless(podEnds < deadline, `${metadata.name}: is deleted with its logs at the deadline`),
    ];
  });

const failedMigrationsAreExplained: Policy = (manifests) =>
  ofKind(manifests, 'Job').flatMap(({ metadata, spec }) => {
    const shown = spec?.template?.metadata?.annotations?.['kubectl.kubernetes.io/default-container'];
    const final = (spec?.podFailurePolicy?.rules ?? []).flatMap(({ action, onExitCodes }) =>
      action === 'FailJob' ? (onExitCodes?.values ?? []) : [],
    );
    return [
      ...unless(shown === 'tables', `${metadata.name}: kubectl logs shows a container that has not started`),
      ...unless(
        [WRONG_USAGE, INVALID_CONFIGURATION].every((code) => final.includes(code)),
        `${metadata.name}: tries again with a configuration that is not valid`,
      ),
      ...unless(spec?.ttlSecondsAfterFinished !== undefined, `${metadata.name}: a failed Job is kept for ever`),
    ];
  });

export const ROLLOUT_POLICIES = {
  ...{ rolloutsKeepCapacity, terminationIsGraceful, disruptionsAreBounded, podsAreSpread },
  ...{ migrationEndsBeforeHelm, failedMigrationsAreExplained },
} satisfies Record<string, Policy>;
