// Each rule holds for every workflow, and finds the edit of base/workflow.yml that violates it.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { add, editDocument, remove, set, type DocumentEdit } from './document-edits.ts';
import {
  actionsAreCommits,
  checkoutsKeepNoToken,
  downloadsAreChecked,
  programsAreLocked,
  requiredSuitesOf,
  secretsAreOfOneStep,
  suitesAreRequired,
  tokensOnlyRead,
  type Workflow,
  type WorkflowRule,
} from './workflow-rules.ts';

const folder = join(import.meta.dirname, '../../.github/workflows');
const workflows = readdirSync(folder).map((name): [string, Workflow] => [
  name,
  parse(readFileSync(join(folder, name), 'utf8')) as Workflow,
]);

const steps = ['jobs', 'test', 'steps'] as const;
const SECRET = { TOKEN: '${{ secrets.TOKEN }}' };

/** Name, rule, edits of base/workflow.yml that violate it, findings. */
const RULES: readonly [string, WorkflowRule, readonly DocumentEdit[], readonly string[]][] = [
  [
    'actions are commits',
    actionsAreCommits,
    [set([...steps, 0, 'uses'], 'actions/checkout@v7')],
    ['test uses actions/checkout@v7, which is not a commit'],
  ],
  [
    'checkouts keep no token',
    checkoutsKeepNoToken,
    [remove([...steps, 0, 'with'])],
    ['test keeps the credentials of the checkout'],
  ],
  [
    'programs are locked',
    programsAreLocked,
    [
      set([...steps, 1, 'run'], 'npx --yes cowsay'),
      set([...steps, 2, 'run'], 'npm install -g cowsay'),
      add(steps, { run: 'go install example.com/cowsay@latest' }),
      add(steps, { run: 'go install "example.com/cowsay@$VERSION"' }),
      set(['env', 'VERSION'], 'main'),
    ],
    [
      'test runs a program outside of the lockfile: npx --yes cowsay',
      'test runs a program outside of the lockfile: npm install -g cowsay',
      'test runs a program outside of the lockfile: go install example.com/cowsay@latest',
      'test runs a program outside of the lockfile: go install "example.com/cowsay@$VERSION"',
    ],
  ],
  [
    'downloads are checked',
    downloadsAreChecked,
    [
      add(steps, { run: 'curl --output tool https://example.com/tool' }),
      add(steps, { run: 'kubectl apply --filename https://example.com/all.yaml' }),
    ],
    [
      'test downloads without a checksum: curl --output tool https://example.com/tool',
      'test downloads without a checksum: kubectl apply --filename https://example.com/all.yaml',
    ],
  ],
  [
    'suites are required',
    suitesAreRequired,
    [add(steps, { run: 'bash .ci/run' }), add(steps, { run: 'node scripts/ci.ts test:chart' })],
    [
      'test does not say which suites must run: bash .ci/run',
      'test does not say which suites must run: node scripts/ci.ts test:chart',
    ],
  ],
  [
    'secrets are of one step',
    secretsAreOfOneStep,
    [set(['env'], SECRET), set(['jobs', 'test', 'env'], SECRET), set([...steps, 1, 'env'], SECRET)],
    ['all jobs get TOKEN', 'test gives TOKEN to all steps', 'test gives TOKEN to an installation'],
  ],
  ['tokens only read', tokensOnlyRead, [remove(['permissions'])], ['permissions are not { contents: read }']],
];

describe.each(RULES)('%s', (_name, rule, edits, findings) => {
  it.each(workflows)('in %s', (_file, workflow) => {
    expect(rule(workflow)).toEqual([]);
  });

  it('and a violation is found', () => {
    const read = (...changes: readonly DocumentEdit[]): Workflow =>
      editDocument('workflow.yml', ...changes).toJS() as Workflow;
    expect(rule(read())).toEqual([]);
    expect(rule(read(...edits))).toEqual(findings);
  });
});

it('every suite of scripts/ci.ts is required by a workflow', () => {
  const script = readFileSync(join(folder, '../../scripts/ci.ts'), 'utf8');
  const suites = [...script.matchAll(/\{ name: '([\w:-]+)'/g)].map(([, name]) => name);
  expect(suites.length).toBeGreaterThan(5);
  expect(workflows.flatMap(([, workflow]) => requiredSuitesOf(workflow))).toEqual(expect.arrayContaining(suites));
});
