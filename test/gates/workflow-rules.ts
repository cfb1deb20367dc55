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

/** Programs come from a lockfile. */
export const programsAreLocked = eachStep(({ run = '' }) =>
  /\bnpx\b|\bnpm (?:exec|install|i)\b|\bpip install (?!.*--require-hashes)|\bcurl\b.*\|/.test(run)
    ? [`runs a program outside of the lockfile: ${run}`]
    : [],
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
