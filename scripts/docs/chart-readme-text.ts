// What helm/user-service/README.md says before its tables of values.

type Chart = {
  readonly version: string;
  readonly appVersion: string;
  readonly description: string;
  readonly kubeVersion: string;
};

export const CHART_README = ({
  version,
  appVersion,
  description,
  kubeVersion,
}: Chart): string => `# Helm chart user-service

<!-- Written by \`npm run docs\` from Chart.yaml, values.yaml and values.schema.json; a test fails when it is out of date. -->

${description}. Chart ${version}, application ${appVersion}, Kubernetes \`${kubeVersion}\`. Releases, canaries, network policies and graceful termination:
[docs/delivery.md](../../docs/delivery.md).

\`\`\`sh
helm upgrade --install users helm/user-service --namespace users --create-namespace --values helm/user-service/values-staging.yaml
helm test users --namespace users
helm uninstall users --namespace users
\`\`\`

The namespace has to hold two Secrets, \`secrets.existingSecret\` and \`secrets.existingMigrationSecret\`. On a cluster without PostgreSQL, Redis, Kafka and a
schema registry, [demo-dependencies](../demo-dependencies) installs all of them and these Secrets. With
\`secrets.vault.enabled\` the secrets come from HashiCorp Vault instead, each role has a service account of its own, and the two names are empty:
[docs/vault-kubernetes.md](../../docs/vault-kubernetes.md).

## Names

The names of all objects begin with the name of the release (\`users-api\`, \`users-relay\`, \`users-worker\`, \`users-migrate\`), or with \`fullnameOverride\`. A
prefix of more than 44 characters is shortened to 36 and a hash. \`nameOverride\` replaces \`user-service\` in the label \`app.kubernetes.io/name\`, which is part
of the selectors and therefore cannot change after the first install. Telemetry keeps the service name \`user-service\`.

## Environments other than dev

With any other \`environment\` than \`dev\`, rendering fails for values that lose requests or protection: no registry host in the image, \`http:\` URLs, TLS turned
off, Redis without a password, one replica, no preStop sleep or drain, no network policies, topics with one replica. All violations are reported at once. A
release that means it lists the names of the rules in \`exceptions\`; the missing registry host has no exception.

## Migration

A Job runs before the pods of a release are replaced: container \`tables\`, then \`topics\` if \`topics.create\` is true, then \`schemas\`. Its pod ends after
\`migrations.timeoutSeconds\`, the Job 15 seconds later. Both have to be earlier than Helm's \`--timeout\` (default: five minutes): otherwise Helm reports a failure
and the Job goes on. A failed pod is kept for a day: \`kubectl logs job/users-migrate\` shows \`tables\`, \`--all-containers\` the others.

## Autoscaling

\`helm upgrade\` reads the present number of pods from the cluster (\`lookup\`) and writes it into the Deployment, never less than \`replicas\`, which is also the
minimum of the HorizontalPodAutoscaler. So neither a release nor switching autoscaling on changes the number. Two limits:

- \`helm rollback\` installs stored manifests, with the number of that time. The autoscaler corrects it within seconds; raise \`replicas\` first where that matters.
- \`helm template\`, and tools that render with it such as Argo CD, do not read the cluster. Set \`keepReplicas: false\` and let the tool ignore
  \`/spec/replicas\` of the Deployments **before** autoscaling is switched on: a Deployment whose manifest loses \`replicas\` starts from one pod.

## Values

\`null\` removes no value, and unknown values are rejected. Values files: [dev](values-dev.yaml), [staging](values-staging.yaml),
[production](values-production.yaml).
`;
