// The chart's resources for the Prometheus operator: the same rules as in Compose, for the pods and the environment of the release.

import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';

import { variable } from '../../src/config/environment.ts';
import { readManifests, render, renderErrorOf } from './support/chart.ts';

type Rule = { alert?: string; expr: string; labels: Record<string, string>; annotations?: Record<string, string> };
type Rules = { spec: { groups: { name: string; rules: Rule[] }[] } };

const PROMTOOL = variable(env, 'PROMTOOL');

const ofOperator = async (options: Parameters<typeof render>[0] = {}) =>
  readManifests(await render({ operator: true, ...options })).filter(({ apiVersion }) =>
    apiVersion.startsWith('monitoring.coreos.com/'),
  );

const groupsOf = async (options: Parameters<typeof render>[0] = {}): Promise<Rules['spec']['groups']> => {
  const rules = (await ofOperator(options)).find(({ kind }) => kind === 'PrometheusRule');
  return (rules as unknown as Rules).spec.groups;
};
const rulesOf = async (options?: Parameters<typeof render>[0]): Promise<Rule[]> =>
  (await groupsOf(options)).flatMap(({ rules }) => rules);

describe('with the Prometheus operator', () => {
  it('the chart creates a ServiceMonitor and rules', async () => {
    expect((await ofOperator()).map(({ kind }) => kind)).toEqual(['PrometheusRule', 'ServiceMonitor']);
    expect(await ofOperator({ set: ['monitoring.enabled=false'] })).toEqual([]);
  });

  it('every rule is of this environment alone', async () => {
    const rules = await rulesOf({ environment: 'production', release: 'accounts' });
    expect(rules.length).toBeGreaterThan(100);
    for (const { labels } of rules) expect(labels.env).toBe('production');
    // eslint-disable-next-line sonarjs/super-linear-regex -- of our own file
    const selectors = rules.flatMap(({ expr }) => expr.match(/\{[^}]*\}/g) ?? []);
    for (const selector of selectors)
      expect(selector).toMatch(
        /env="production"|namespace="users",(?:pod=~"accounts-\w+-\.\+"|cronjob="accounts-journey")/,
      );
  });

  it('absence is of the pods of each process', async () => {
    const text = JSON.stringify(await rulesOf());
    for (const component of ['api', 'relay', 'worker'])
      expect(text).toContain(String.raw`up{namespace=\"users\",pod=~\"users-${component}-.+\"}`);
    expect(text).not.toContain('notification-service');
  });

  it('the texts of alerts keep the templates of Prometheus, and link to the pages of the values', async () => {
    const set = [
      'monitoring.runbooks=https://wiki.example.com/runbooks',
      'monitoring.dashboards=https://grafana.test/d',
    ];
    const alerts = (await rulesOf({ set })).filter(({ alert }) => alert !== undefined);
    const lag = alerts.find(({ alert }) => alert === 'UserServiceConsumerLag')?.annotations;
    expect(lag).toMatchObject({
      description: '{{ $value }} messages of {{ $labels.topic }} are not consumed.',
      runbook_url: 'https://wiki.example.com/runbooks/consumer-lag.md',
      dashboard: 'https://grafana.test/d/user-service-events',
    });
    expect(JSON.stringify(alerts)).not.toMatch(/ENVIRONMENT|NAMESPACE|FULLNAME|RUNBOOKS|DASHBOARDS|JOURNEY_SECONDS/);
  });

  it('a base that is no URL is refused', async () => {
    expect(await renderErrorOf({ operator: true, set: ['monitoring.runbooks=runbooks/'] })).toContain('runbooks');
  });

  it.skipIf(PROMTOOL === undefined)('Prometheus accepts the rules', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'rules-')), 'rules.yaml');
    writeFileSync(file, stringify({ groups: await groupsOf() }, { aliasDuplicateObjects: false }));
    const { stdout } = await promisify(execFile)(PROMTOOL ?? '', ['check', 'rules', file]);
    expect(stdout).toContain('SUCCESS');
  });
});
