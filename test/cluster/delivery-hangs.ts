// Faults of a release: the commands that produce each, what docs/when-it-hangs.md tells a reader to run, and what that shows. `npm run test:delivery --
// --hangs` produces them one after the other beside a healthy release; a gate compares them with the page.

type Symptom = {
  /** What a reader runs. The page has it literally. */
  readonly command: string;
  /** A part of its output, in which `…` stands for any text of a line. The page has it literally. */
  readonly shows: string;
};

export type Hang = {
  /** The heading of the page. */
  readonly name: string;
  /** Shell commands that bring the release into this state; $RELEASE are the arguments of a healthy `helm upgrade`. */
  readonly cause: string;
  readonly symptoms: readonly Symptom[];
  /** Shell commands that remove what a rollback to the first revision does not. */
  readonly undo?: string;
};

const upgrade = (values: string): string => `helm upgrade users helm/user-service $RELEASE ${values}`;
const withoutMigration = (values: string): string => upgrade(`--set migrations.enabled=false ${values}`);
/** Helm waits for the migration: it goes on while the symptoms are looked at, and is ended afterwards. */
const inBackground = (command: string): string => `${command} > /dev/null 2>&1 & echo $! > "$HELM_PID"`;

/** Creates the Secret `broken`: a copy in which one key is changed or, without a value, removed. */
const breakSecret = (name: string, key: string, value?: string): string =>
  `kubectl get secret ${name} -o json | node -e '
    const { data } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    ${value === undefined ? `delete data.${key};` : `data.${key} = Buffer.from("${value}").toString("base64");`}
    console.log(JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: "broken" }, data }));' | kubectl apply -f -`;
const REMOVE_SECRET = 'kubectl delete secret broken';

const eventsOf = (reason: string): string => `kubectl get events --field-selector reason=${reason}`;
const ofComponent = (component: string): string => `--selector app.kubernetes.io/component=${component}`;

/** The first constraint of the Deployment, over zones, as a strict one over a label that no node has. */
const STRICT_RACKS = ['whenUnsatisfiable', 'topologyKey'].map((field, index) => ({
  op: 'replace',
  path: `/spec/template/spec/topologySpreadConstraints/0/${field}`,
  value: ['DoNotSchedule', 'example.com/rack'].at(index),
}));

export const HANGS: readonly Hang[] = [
  {
    name: 'No node has the labels that the pods ask for',
    cause: withoutMigration('--set nodeSelector.disk=ssd'),
    symptoms: [
      { command: 'kubectl get pods', shows: 'users-api-… 0/1 Pending' },
      { command: eventsOf('FailedScheduling'), shows: "didn't match Pod's node affinity/selector" },
    ],
  },
  {
    name: 'No node has room',
    cause: withoutMigration('--set api.resources.requests.cpu=500'),
    symptoms: [
      { command: 'kubectl get pods', shows: 'users-api-… 0/1 Pending' },
      { command: eventsOf('FailedScheduling'), shows: 'Insufficient cpu' },
    ],
  },
  {
    name: 'The spread over nodes forbids it',
    cause: `kubectl patch deployment users-api --type=json --patch '${JSON.stringify(STRICT_RACKS)}'`,
    symptoms: [
      { command: 'kubectl get pods', shows: 'users-api-… 0/1 Pending' },
      { command: eventsOf('FailedScheduling'), shows: "didn't match pod topology spread constraints" },
    ],
    undo: 'kubectl rollout undo deployment/users-api',
  },
  {
    name: 'A Secret is missing',
    cause: inBackground(upgrade('--set secrets.existingMigrationSecret=absent')),
    symptoms: [
      { command: 'kubectl get pods', shows: 'users-migrate-… 0/1 Init:0/' },
      {
        command: eventsOf('FailedMount'),
        shows: 'MountVolume.SetUp failed for volume "secrets" : secret "absent" not found',
      },
    ],
  },
  {
    name: 'A key of a Secret is missing',
    cause: `${breakSecret('user-service-migration', 'postgres_migration_password')}
${inBackground(upgrade('--set secrets.existingMigrationSecret=broken'))}`,
    symptoms: [
      { command: 'kubectl get pods', shows: 'users-migrate-… 0/1 Init:0/' },
      { command: eventsOf('FailedMount'), shows: 'references non-existent secret key: postgres_migration_password' },
    ],
    undo: REMOVE_SECRET,
  },
  {
    name: 'The image cannot be pulled',
    cause: inBackground(upgrade('--set image.tag=9.9.9')),
    symptoms: [
      { command: 'kubectl get pods', shows: 'users-migrate-… 0/1 Init:ImagePullBackOff' },
      { command: eventsOf('Failed'), shows: 'Failed to pull image "…:9.9.9"' },
    ],
  },
  {
    name: 'The configuration is invalid',
    cause: `${breakSecret('user-service', 'auth_clients', 'not JSON')}
${withoutMigration('--set secrets.existingSecret=broken')}`,
    symptoms: [
      { command: 'kubectl get pods', shows: 'users-api-… 0/1 CrashLoopBackOff' },
      { command: `kubectl describe pods ${ofComponent('api')}`, shows: 'Exit Code: 78' },
      { command: `kubectl logs ${ofComponent('api')}`, shows: 'AUTH_CLIENTS' },
    ],
    undo: REMOVE_SECRET,
  },
  {
    name: 'The password of PostgreSQL is wrong',
    cause: `${breakSecret('user-service', 'postgres_password', 'wrong')}
${withoutMigration('--set secrets.existingSecret=broken')}`,
    symptoms: [
      { command: 'kubectl get pods', shows: 'users-api-… 0/1 Running' },
      { command: `kubectl logs ${ofComponent('api')}`, shows: 'password authentication failed' },
    ],
    undo: REMOVE_SECRET,
  },
  {
    name: 'The tables are older than the release',
    cause: `kubectl exec postgres-0 -- psql --username postgres --dbname user_service --command 'ALTER TABLE pgmigrations RENAME TO hidden'
kubectl rollout restart deployment/users-api`,
    symptoms: [
      { command: 'kubectl get pods', shows: 'users-api-… 0/1 Running' },
      { command: `kubectl logs ${ofComponent('api')}`, shows: 'migration' },
    ],
    undo: `kubectl exec postgres-0 -- psql --username postgres --dbname user_service --command 'ALTER TABLE hidden RENAME TO pgmigrations'
kubectl rollout undo deployment/users-api`,
  },
  {
    name: 'The migration fails',
    cause: `${breakSecret('user-service-migration', 'postgres_migration_password', 'wrong')}
${inBackground(upgrade('--set secrets.existingMigrationSecret=broken'))}`,
    symptoms: [
      { command: 'kubectl get pods', shows: 'users-migrate-… 0/1 Init:Error' },
      { command: 'kubectl logs job/users-migrate', shows: 'password authentication failed' },
    ],
    undo: REMOVE_SECRET,
  },
  {
    name: 'Helm was interrupted',
    cause: `${upgrade('--set secrets.existingMigrationSecret=absent')} > /dev/null 2>&1 &
helm_pid=$!
until helm status users | grep -q pending-upgrade; do read -rt 0.5 <> <(:) || true; done
kill -9 $helm_pid`,
    symptoms: [
      { command: 'helm status users', shows: 'STATUS: pending-upgrade' },
      {
        command: 'helm upgrade users helm/user-service $RELEASE',
        shows: 'another operation (install/upgrade/rollback) is in progress',
      },
    ],
  },
  {
    name: 'The quota of the namespace is used up',
    cause: `kubectl create quota pods --hard=pods=1
kubectl rollout restart deployment/users-api`,
    symptoms: [
      { command: 'kubectl get deployments', shows: 'users-api 1/1 0 1' },
      { command: eventsOf('FailedCreate'), shows: 'exceeded quota: pods' },
    ],
    undo: `kubectl delete quota pods
kubectl rollout undo deployment/users-api`,
  },
  {
    name: 'A drain waits',
    cause: `${withoutMigration('--set api.replicas=2 --wait')}
kubectl create quota pods --hard=pods=1
kubectl delete "$(kubectl get pods ${ofComponent('api')} --output name | head -n 1)"`,
    symptoms: [{ command: 'kubectl get poddisruptionbudgets', shows: 'users-api N/A 1 0' }],
    undo: 'kubectl delete quota pods',
  },
];
