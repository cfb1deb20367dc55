// The variables of the environment in which blocks of runbooks run. runbooks/README.md explains them.

import { TARGETS, type Target } from '../gameday/stacks/stack.ts';

export type Variable = { readonly name: string; readonly targets: readonly Target[]; readonly meaning: string };

export const ENVIRONMENT: readonly Variable[] = [
  { name: 'PROMETHEUS_URL', targets: TARGETS, meaning: 'Prometheus, which evaluates the alerts' },
  { name: 'API_URL', targets: TARGETS, meaning: 'the public port of the api, without a path' },
  { name: 'MANAGEMENT_URL', targets: ['local'], meaning: 'the management port of an api process' },
  { name: 'RELAY_MANAGEMENT_URL', targets: ['local'], meaning: 'the same of a relay process' },
  { name: 'WORKER_MANAGEMENT_URL', targets: ['local'], meaning: 'the same of a worker process' },
  { name: 'SECRETS_DIR', targets: ['local'], meaning: 'the folder of the secret files' },
  { name: 'FEATURE_FLAGS_FILE', targets: ['local'], meaning: 'the file of the feature flags' },
  { name: 'BACKUPS', targets: ['local'], meaning: 'the folder of the backups, if PostgreSQL has an archive' },
  { name: 'DATA_FOLDER', targets: ['local'], meaning: 'the data folder of PostgreSQL, if it has an archive' },
  { name: 'NAMESPACE', targets: ['kubectl'], meaning: 'the namespace of the release' },
  {
    name: 'RELEASE',
    targets: ['kubectl'],
    meaning: 'the name of the Helm release; Deployments are `$RELEASE-api`, `-relay` and `-worker`',
  },
  { name: 'DATABASE_URL', targets: ['kubectl'], meaning: 'an administrator of the database, for `psql`' },
];
