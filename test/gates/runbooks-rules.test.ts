// Each rule for runbooks finds a page that violates it: an edit of a page that violates none.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { pageFaults } from './runbooks/check.ts';
import { readWorld } from './runbooks/world.ts';

const base = readFileSync(join(import.meta.dirname, 'runbooks/redis-slow.txt'), 'utf8');
const world = {
  ...readWorld(),
  drills: new Map([
    ['slow', { alert: 'DependencyDown', runbook: 'redis-slow', blocks: ['up', 'gone'] }],
    ['other', { alert: 'OutboxOld', runbook: 'kafka-down', blocks: [] }],
  ]),
};
const undrilled = { ...world, drills: new Map() };

it('the page violates no rule', () => {
  expect(pageFaults('redis-slow', base, undrilled)).toEqual([]);
});

const QUERY = `'min by (dependency) (dependency_up{dependency="redis"})'`;
const LAST = 'kubectl delete pod --namespace "$NAMESPACE" --selector app.kubernetes.io/component=api';
const CHECK = 'npm run --silent docs -- --check';

/** [what, text, its replacement, the line, words of the message] */
const CASES: readonly (readonly [string, string, string, number, string])[] = [
  ['no front matter', '---\nsymptoms', 'symptoms', 1, 'does not begin with front matter'],
  ['front matter that is no YAML', 'alerts: []', 'alerts: [', 4, 'must'],
  ['no symptom', '[Redis answers slowly]', '[]', 2, 'symptoms: must be a list'],
  ['an unknown field', 'dashboard:', 'dashbord:', 5, 'dashbord: the field is unknown'],
  ['an unknown role', 'escalate: platform', 'escalate: somebody', 6, 'must be one of database'],
  [
    'neither a drill nor a reason',
    'no_drill: It is the base of the tests of the rules.\n',
    '',
    1,
    'name drills, or say',
  ],
  ['an unknown dashboard', 'user-service-stores', 'user-service-redis', 5, 'there is no dashboard user-service-redis'],
  ['an unknown alert', 'alerts: []', 'alerts: [RedisSlow]', 3, 'there is no alert RedisSlow'],
  [
    'the alert of another page',
    'alerts: []',
    'alerts: [DependencyDown]',
    3,
    'DependencyDown leads to dependency-down.md, which does not link to this page',
  ],
  ['no title', '# Redis answers slowly\n', '', 1, 'no title'],
  ['a part that is missing', '## Root cause', '## Reasons', 39, '"Root cause" is expected and "Reasons" is here'],
  ['an empty part', '- Alerts.\n', '', 48, '"Prevention" is empty'],
  ['no place for the escalation', '<!-- /escalation -->', '', 43, '<!-- escalation --> and'],
  ['a block without a name', '```sh run=up', '```sh', 19, 'without run=NAME'],
  ['a fence that is no block', '```sh run=up', '```text', 19, 'each fence is a block'],
  ['a broken link', 'docs/limits.md', 'docs/no.md', 41, 'leads nowhere'],
  ['a heading that is not there', 'docs/limits.md', 'docs/limits.md#no', 41, 'has no heading #no'],
  ['a path in a sentence', '`REDIS_HOST`', '`src/redis/no.ts`', 41, 'there is no src/redis/no.ts'],
  ['an alert in a sentence', '`REDIS_HOST`', 'UserServiceNo', 41, 'there is no alert UserServiceNo'],
  ['an npm script in a sentence', '`REDIS_HOST`', '`npm run no`', 41, 'there is no npm script no'],
  ['a setting in a sentence', '`REDIS_HOST`', '`REDIS_SLOW`', 41, 'REDIS_SLOW is no setting'],
  ['invalid bash', CHECK, 'if true; then', 30, 'bash -n'],
  ['an unexplained variable', CHECK, 'echo "$PID_TO_END"', 29, '$PID_TO_END is not explained'],
  ['a variable of another target', CHECK, 'echo "$NAMESPACE"', 29, '$NAMESPACE is not explained'],
  [
    'a destructive block that does not ask',
    'on=kubectl asks',
    'on=kubectl',
    32,
    'deletes objects of the cluster: it must have the option asks',
  ],
  [
    'a destructive statement',
    '```sh run=up\n',
    '```sh run=up on=kubectl\npsql "$DATABASE_URL" --command \'DELETE FROM users\'\n',
    19,
    'changes rows or ends sessions',
  ],
  ['a question that is not asked', "read -r -p 'Some pods", "read -p 'Some pods", 33, 'begin with: read -r -p'],
  [
    'a command that does not depend on the answer',
    CHECK,
    `${CHECK}\necho done`,
    28,
    'all commands must depend on the answer',
  ],
  [
    'an answer without an effect',
    'answer = y ] &&\nkubectl'.replace('answer', '"$answer"'),
    '"$answer" = y ]\nkubectl',
    33,
    'begin with: read -r -p',
  ],
  ['no way back', 'Undo: not', 'It is not', 32, 'must begin with "Undo:"'],
  ['an unknown program', CHECK, 'redis-benchmark', 29, 'redis-benchmark is not in the vocabulary'],
  ['a program of another target', CHECK, 'docker compose ps', 29, 'docker is for blocks with on=compose'],
  ['an unknown npm script', 'silent docs', 'silent dogs', 29, 'there is no npm script dogs'],
  ['an unknown option of a program', '--check', '--force', 29, 'docs has no option --force'],
  ['arguments without --', 'docs -- --check', 'docs now', 29, 'write -- before'],
  ['an unknown subcommand', CHECK, 'npm run migrate -- upp', 29, 'migrate has no subcommand upp'],
  ['an unknown option of redrive', CHECK, 'npm run redrive -- --all', 29, 'redrive has no option --all'],
  ['a query without its server', '"$PROMETHEUS_URL"', 'http://localhost', 20, 'the server is'],
  ['an unknown metric', QUERY, "'dependencies_up'", 20, 'there is no metric dependencies_up'],
  ['an unknown metric with a label', QUERY, `'no_metric{a="b"}'`, 20, 'there is no metric no_metric'],
  ['an unknown label', QUERY, `'dependency_up{name="redis"}'`, 20, 'dependency_up has no label name'],
  [
    'an unknown value',
    QUERY,
    `'dependency_up{dependency="valkey"}'`,
    20,
    'dependency of dependency_up is never valkey',
  ],
  ['an unknown label of a group', QUERY, "'sum by (topic) (dependency_up)'", 20, 'has the label topic'],
  ['a query that does not end', QUERY, "'sum(dependency_up'", 20, 'the query lacks a )'],
  ['a query in two arguments', QUERY, 'dependency_up == 0', 20, 'one argument in single quotes'],
  ['an unknown flag of kubectl', '--selector app', '--select app', 34, 'kubectl delete has no flag --select'],
  ['an unknown label of pods', 'component=api', 'component=apis', 34, 'no object of the chart has the label'],
  [
    'an unknown subcommand of kubectl',
    'kubectl delete',
    'kubectl remove',
    34,
    'kubectl remove pod is not in the vocabulary',
  ],
  ['an unknown kind', 'delete pod ', 'delete pot ', 34, 'pot is no kind'],
  ['no namespace', ' --namespace "$NAMESPACE"', '', 34, 'name the namespace'],
  [
    'an unknown Deployment',
    LAST,
    'kubectl rollout undo deployment/$RELEASE-apis --namespace "$NAMESPACE"',
    34,
    'renders no deployment/$RELEASE-apis',
  ],
  [
    'an unknown container',
    LAST,
    'kubectl logs job/$RELEASE-migrate --container sql --namespace "$NAMESPACE"',
    34,
    'no pod of the chart has a container sql',
  ],
  [
    'an unknown flag of helm',
    LAST,
    'helm rollback "$RELEASE" --now --namespace "$NAMESPACE"',
    34,
    'helm rollback has no flag --now',
  ],
  ['another release', LAST, 'helm status users --namespace "$NAMESPACE"', 34, 'name the release'],
  ['an unknown table', LAST, 'psql "$DATABASE_URL" --command \'SELECT id FROM user\'', 34, 'there is no table user'],
  [
    'an unknown path of the api',
    CHECK,
    'curl -sS "$API_URL/api/v2/users"',
    29,
    'the api port has no path /api/v2/users',
  ],
  [
    'an unknown path of the management port',
    CHECK,
    'curl -sS "$MANAGEMENT_URL/healthz"',
    29,
    'the management port has no path /healthz',
  ],
  [
    'an unknown path of Prometheus',
    CHECK,
    'curl -sS "$PROMETHEUS_URL/api/v1/query_instant"',
    29,
    'Prometheus has no path',
  ],
  ['an unknown flag of curl', CHECK, 'curl --quiet "$API_URL/openapi.json"', 29, 'curl has no flag --quiet'],
  ['an unknown server', CHECK, 'curl -sS "https://example.com/"', 29, 'curl calls https://example.com/'],
];

describe('a page', () => {
  it.each(CASES)('is found with %s', (_what, text, replacement, line, message) => {
    expect(base).toContain(text);
    const faults = pageFaults(
      'redis-slow',
      base.replace(text, () => replacement),
      undrilled,
    );
    expect(faults.join('\n')).toContain(message);
    expect(faults.find((fault) => fault.includes(message))).toMatch(`runbooks/redis-slow.md:${line}: `);
  });

  it.each([
    ['docker compose logs apis', 'docker-compose.yml has no service apis'],
    ['docker compose ps --every', 'docker compose ps has no flag --every'],
    ['docker compose look api', 'docker compose has no look'],
    ['docker compose exec -T redis redis-cli FLUSH', 'FLUSH is not a command of Redis'],
    ["docker compose exec -T postgres psql -U postgres user_service -c 'SELECT 1 FROM user'", 'there is no table user'],
    ["docker compose exec -T api sh -c 'nothing'", 'nothing is not in the vocabulary'],
  ])('for Compose is found with %s', (command, message) => {
    const page = base.replace('run=up\n', () => `run=up on=compose\n${command}\n`);
    expect(pageFaults('redis-slow', page, undrilled).join('\n')).toContain(`runbooks/redis-slow.md:20: ${message}`);
  });

  it.each([
    ['slow', 'the drill slow runs the block gone, which is not on this page; there are empty, up'],
    ['other', 'the drill other (OutboxOld) runs kafka-down.md, to which this page does not lead'],
    ['none', 'there is no drill none in scripts/gameday/drills.ts; there are other, slow'],
  ])('is found with the drill %s', (drill, message) => {
    const page = base.replace(/no_drill: .*/, `drills: [${drill}]`);
    expect(pageFaults('redis-slow', page, world)).toContain(`runbooks/redis-slow.md:4: ${message}`);
  });

  it('is found without a drill that runs it', () => {
    expect(pageFaults('redis-slow', base, world).join('\n')).toContain(
      'the drill slow runs this page, which does not name it',
    );
  });

  it('is found without its alert', () => {
    expect(pageFaults('dependency-down', base, undrilled)).toEqual([
      'runbooks/dependency-down.md:3: the alert of this page is missing: alerts: [DependencyDown]',
    ]);
  });
});
