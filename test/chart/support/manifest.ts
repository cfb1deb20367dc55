// The fields of Kubernetes objects that the policies read.

type Security = {
  runAsNonRoot?: boolean;
  runAsUser?: number;
  seccompProfile?: { type?: string };
  allowPrivilegeEscalation?: boolean;
  privileged?: boolean;
  readOnlyRootFilesystem?: boolean;
  capabilities?: { drop?: string[]; add?: string[] };
};

export type Container = {
  name: string;
  image: string;
  command?: string[];
  env?: { name: string; value?: string; valueFrom?: object }[];
  ports?: { name: string; containerPort: number }[];
  securityContext?: Security;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  startupProbe?: object;
  livenessProbe?: object;
  readinessProbe?: object;
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
};

export type PodSpec = {
  containers: Container[];
  initContainers?: Container[];
  securityContext?: Security;
  serviceAccountName?: string;
  automountServiceAccountToken?: boolean;
  enableServiceLinks?: boolean;
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  terminationGracePeriodSeconds?: number;
  activeDeadlineSeconds?: number;
  topologySpreadConstraints?: object[];
  volumes?: Record<string, unknown>[];
};

export type Labels = Record<string, string>;
type Selector = { matchLabels?: Labels; matchExpressions?: unknown[] };

type Template = { metadata?: { labels?: Labels; annotations?: Labels }; spec: PodSpec };

export type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Labels; annotations?: Labels };
  data?: Record<string, string>;
  spec?: {
    replicas?: number;
    ttlSecondsAfterFinished?: number;
    podFailurePolicy?: { rules?: { action?: string; onExitCodes?: { values?: number[] } }[] };
    minReplicas?: number;
    maxReplicas?: number;
    scaleTargetRef?: { name: string };
    strategy?: { rollingUpdate?: { maxSurge?: number; maxUnavailable?: number } };
    selector?: Selector;
    podSelector?: Selector;
    policyTypes?: string[];
    ingress?: unknown[];
    egress?: unknown[];
    unhealthyPodEvictionPolicy?: string;
    template?: Template;
    jobTemplate?: { spec: { backoffLimit?: number; activeDeadlineSeconds?: number; template: Template } };
    schedule?: string;
    concurrencyPolicy?: string;
    failedJobsHistoryLimit?: number;
    successfulJobsHistoryLimit?: number;
  } & Partial<Omit<PodSpec, 'volumes'>>;
};

export type Pod = { readonly owner: Manifest; readonly labels: Labels; readonly spec: PodSpec };

export const ofKind = (manifests: readonly Manifest[], kind: string): Manifest[] =>
  manifests.filter((manifest) => manifest.kind === kind);

/** All pods of the chart: of Deployments, Jobs, CronJobs and tests. */
export const podsOf = (manifests: readonly Manifest[]): Pod[] =>
  manifests.flatMap((owner) => {
    const template = owner.spec?.template ?? owner.spec?.jobTemplate?.spec.template;
    if (template !== undefined) return [{ owner, labels: template.metadata?.labels ?? {}, spec: template.spec }];
    return owner.kind === 'Pod'
      ? [{ owner, labels: owner.metadata.labels ?? {}, spec: owner.spec as unknown as PodSpec }]
      : [];
  });

export const containersOf = ({ spec }: Pod): Container[] => [...(spec.initContainers ?? []), ...spec.containers];

/** The pods of Deployments, without jobs and tests. */
export const processesOf = (manifests: readonly Manifest[]): Pod[] =>
  podsOf(manifests).filter(({ owner }) => owner.kind === 'Deployment');
