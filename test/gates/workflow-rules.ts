// Rules of the workflows in .github/workflows: OpenSSF Scorecard, "Pinned-Dependencies" and "Token-Permissions".
// https://github.com/ossf/scorecard/blob/main/docs/checks.md

type Step = {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly with?: Readonly<Record<string, unknown>>;
};
type Job = { readonly env?: Readonly<Record<string, unknown>>; readonly steps?: readonly Step[] };
export type Workflow = {
  readonly permissions?: unknown;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, Job>>;
};

/** @returns what is wrong with a workflow */
export type WorkflowRule = (workflow: Workflow) => string[];

const eachStep =
  (find: (step: Step) => string[]): WorkflowRule =>
  ({ jobs }) =>
    Object.entries(jobs).flatMap(([name, { steps = [] }]) =>
      steps.flatMap(find).map((finding) => `${name} ${finding}`),
    );

/** Actions are named by commit: a tag can be moved to other code. Actions of this repository have no version. */
export const actionsAreCommits = eachStep(({ uses = './' }) =>
  uses.startsWith('./') || /@[\da-f]{40}$/.test(uses) ? [] : [`uses ${uses}, which is not a commit`],
);

/** The token of a checkout is not left in .git/config for later steps. */
export const checkoutsKeepNoToken = eachStep((step) =>
  step.uses?.startsWith('actions/checkout@') === true && step.with?.['persist-credentials'] !== false
    ? ['keeps the credentials of the checkout']
    : [],
);

/** Programs come from a lockfile, or from Go modules of one version, which Go verifies with its checksum database. */
export const programsAreLocked: WorkflowRule = (workflow) =>
  eachStep(({ run = '' }) =>
    /\bnpx\b|\bnpm (?:exec|install|i)\b|\bpip install (?!.*--require-hashes)|\bcurl\b.*\|/.test(run) ||
    goModulesIn(run, workflow).some((module) => !/@v\d+\.\d+\.\d+$/.test(module))
      ? [`runs a program outside of the lockfile: ${run}`]
      : [],
  )(workflow);

/** What `go install` names, with the variables of the workflow replaced. */
const goModulesIn = (run: string, { env = {} }: Workflow): string[] => {
  const variables = new Map(Object.entries(env));
  return [...run.matchAll(/\bgo (?:install|run) "?([^\s"]+)/g)].map(([, module = '']) =>
    module.replace(/\$(\w+)/g, (_, name: string) => String(variables.get(name))),
  );
};

/** A downloaded file is compared with its checksum before the step uses it. */
export const downloadsAreChecked = eachStep(({ run = '' }) =>
  /\b(?:curl|wget)\b|\bkubectl (?:apply|create) .*https?:/.test(run) && !/\bsha256sum --check\b/.test(run)
    ? [`downloads without a checksum: ${run}`]
    : [],
);

/** A suite that cannot run fails the workflow: scripts/ci.ts reports it as "not run" only where nothing requires it. */
export const suitesAreRequired = eachStep(({ run = '', env: ofStep = {} }) =>
  /\.ci\/run\b|\bscripts\/ci\.ts\b/.test(run) && !('REQUIRE_SUITES' in ofStep)
    ? [`does not say which suites must run: ${run}`]
    : [],
);

/** The suites that the steps of a workflow require. */
export const requiredSuitesOf = ({ jobs }: Workflow): string[] =>
  Object.values(jobs).flatMap(({ steps = [] }) =>
    steps.flatMap(({ env }) => (typeof env?.REQUIRE_SUITES === 'string' ? env.REQUIRE_SUITES.split(' ') : [])),
  );

const secretsIn = (env: Readonly<Record<string, unknown>> = {}): string[] =>
  Object.entries(env).flatMap(([name, value]) => (/\bsecrets\.|\bgithub\.token\b/.test(String(value)) ? [name] : []));

/** A secret is in the environment of the step that needs it, not in that of `npm ci` and of tests. */
export const secretsAreOfOneStep: WorkflowRule = ({ env, jobs }) => [
  ...secretsIn(env).map((name) => `all jobs get ${name}`),
  ...Object.entries(jobs).flatMap(([job, { env: ofJob }]) =>
    secretsIn(ofJob).map((name) => `${job} gives ${name} to all steps`),
  ),
  ...eachStep(({ run = '', env: ofStep }) =>
    /\bnpm ci\b/.test(run) ? secretsIn(ofStep).map((name) => `gives ${name} to an installation`) : [],
  )({ jobs }),
];

/** The default token can only read; a job that writes says so. */
export const tokensOnlyRead: WorkflowRule = ({ permissions }) =>
  JSON.stringify(permissions) === '{"contents":"read"}' ? [] : ['permissions are not { contents: read }'];
