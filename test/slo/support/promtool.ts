// Runs cases with `promtool test rules`, on the generated rules or on a changed copy of them.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

import { parse, stringify } from 'yaml';

import { variable } from '../../../src/config/environment.ts';
import type { Case } from './case.ts';

export const RULES = join(import.meta.dirname, '../../../observability/prometheus/rules');
export const PROMTOOL = variable(env, 'PROMTOOL') ?? 'promtool';

export type Rule = {
  alert?: string;
  record?: string;
  expr: string;
  for?: string;
  labels: Record<string, string>;
  annotations?: Record<string, string>;
};
export type Group = { name: string; interval: string; rules: Rule[] };

/** A fresh copy of all groups. */
export const readGroups = (): Group[] =>
  ['slo.yaml', 'causes.yaml'].flatMap(
    (file) => (parse(readFileSync(join(RULES, file), 'utf8')) as { groups: Group[] }).groups,
  );

const belongsTo = (group: Group, name: string): boolean => group.name.endsWith(`user-service-${name}`);

const alertsOf = ({ expect, values = [] }: Case) => [
  ...expect.map(({ at, alert, severity, fires }) => ({
    expr: `count(ALERTS{alertname="UserService${alert}",severity="${severity}",alertstate="firing"}) > bool 0 or vector(0)`,
    eval_time: at,
    exp_samples: [{ labels: '{}', value: fires ? 1 : 0 }],
  })),
  ...values.map(({ at, expr, value }) => ({ expr, eval_time: at, exp_samples: [{ labels: '{}', value }] })),
];

const fileOf = (test: Case, groups: readonly Group[]) => ({
  rule_files: ['rules.yaml'],
  group_eval_order: groups.map(({ name }) => name), // in any other order, and another one each time, without it
  evaluation_interval: test.evaluate ?? '30s',
  tests: [
    {
      name: test.name,
      interval: test.interval ?? '10s',
      input_series: Object.entries(test.series).map(([series, values]) => ({ series, values })),
      promql_expr_test: alertsOf(test),
    },
  ],
});

/** @returns what promtool prints for a failed case, or an empty string */
export const runCase = async (test: Case, groups: readonly Group[] = readGroups()): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'slo-'));
  const loaded = groups.filter((group) => test.rules.some((name) => belongsTo(group, name)));
  writeFileSync(join(folder, 'rules.yaml'), stringify({ groups: loaded }, { aliasDuplicateObjects: false }));
  writeFileSync(join(folder, 'test.yaml'), stringify(fileOf(test, loaded), { aliasDuplicateObjects: false }));
  try {
    await promisify(execFile)(PROMTOOL, ['test', 'rules', 'test.yaml'], { cwd: folder });
    return '';
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return `${stdout ?? ''}${stderr ?? ''}` || String(error);
  } finally {
    rmSync(folder, { recursive: true });
  }
};
