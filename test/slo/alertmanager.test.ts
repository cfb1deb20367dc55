// observability/alertmanager/alertmanager.yml: who gets which alert, and which alerts are silent while another one fires.

import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { variable } from '../../src/config/environment.ts';
import { readGroups } from './support/promtool.ts';

const CONFIG = join(import.meta.dirname, '../../observability/alertmanager/alertmanager.yml');
const AMTOOL = variable(env, 'AMTOOL') ?? 'amtool';
const text = readFileSync(CONFIG, 'utf8');

type Inhibition = { source_matchers: string[]; target_matchers: string[]; equal: string[] };
const { inhibit_rules: inhibitions } = parse(text) as { inhibit_rules: Inhibition[] };

const alerts = readGroups()
  .flatMap(({ rules }) => rules)
  .filter((rule) => rule.alert !== undefined)
  .map(({ alert = '', labels }) => ({ ...labels, alertname: alert }) as Record<string, string>);

const routeOf = (labels: Record<string, string>, config = CONFIG) => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return spawnSync(AMTOOL, ['config', 'routes', 'test', `--config.file=${config}`, ...pairs], { encoding: 'utf8' });
};

/** Whether Alertmanager would say that these labels match: `name="value"` or `name=~"expression"`. */
const matches = (matchers: readonly string[], labels: Record<string, string>): boolean =>
  matchers.every((matcher) => {
    const [, name = '', operator, value = ''] = /^(\w+)(=~?)"(.*)"$/.exec(matcher) ?? [];
    const actual = new Map(Object.entries(labels)).get(name) ?? '';
    return operator === '=' ? actual === value : new RegExp(`^(?:${value})$`).test(actual); // eslint-disable-line security/detect-non-literal-regexp -- of our own file
  });

const isInhibited = (target: Record<string, string>, source: Record<string, string>): boolean =>
  inhibitions.some(
    ({ source_matchers, target_matchers, equal }) =>
      matches(source_matchers, source) &&
      matches(target_matchers, target) &&
      equal.every((label) => target[label] === source[label]),
  );

const alertOf = (name: string, severity: string): Record<string, string> => {
  const found = alerts.find((alert) => alert.alertname === `UserService${name}` && alert.severity === severity);
  if (found === undefined) throw new Error(`there is no ${severity} ${name}`);
  return found;
};

const changed = (from: string, to: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), 'alertmanager-')), 'alertmanager.yml');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
  return path;
};

describe('the configuration', () => {
  it('is valid', async () => {
    const { stdout } = await promisify(execFile)(AMTOOL, ['check-config', CONFIG]);
    expect(stdout).toContain('SUCCESS');
  });

  it('is found invalid with an unknown receiver', async () => {
    const path = changed('receiver: page', 'receiver: pager');
    await expect(promisify(execFile)(AMTOOL, ['check-config', path])).rejects.toThrow('Command failed');
  });
});

describe('routes', () => {
  it.each(alerts)('send $alertname with severity $severity to its receiver', (labels) => {
    expect(routeOf(labels).stdout.trim()).toBe(labels.severity);
  });

  it('are found wrong when pages are not matched', () => {
    const path = changed('severity="page"', 'severity="paged"');
    expect(routeOf(alertOf('ApiAbsent', 'page'), path).stdout.trim()).toBe('ticket');
  });
});

describe('inhibition', () => {
  it.each([
    ['AvailabilityBurn', 'ticket', 'AvailabilityBurn'],
    ['AvailabilityBurn', 'page', 'ApiAbsent'],
    ['SignInBurn', 'page', 'ApiAbsent'],
    ['EventFreshnessBurn', 'page', 'RelayAbsent'],
    ['OrderProcessingBurn', 'ticket', 'WorkerAbsent'],
  ])('silences %s (%s) while %s pages', (target, severity, source) => {
    expect(isInhibited(alertOf(target, severity), alertOf(source, 'page'))).toBe(true);
  });

  it.each([
    ['SignInBurn', 'ticket', 'AvailabilityBurn'],
    ['AvailabilityBurn', 'page', 'RelayAbsent'],
    ['OutboxOld', 'ticket', 'AvailabilityBurn'],
    ['ApiAbsent', 'page', 'AvailabilityBurn'],
    ['ApiAbsent', 'page', 'ApiAbsent'],
  ])('does not silence %s (%s) while %s pages', (target, severity, source) => {
    expect(isInhibited(alertOf(target, severity), alertOf(source, 'page'))).toBe(false);
  });

  it('of one environment does not silence another one', () => {
    const source = { ...alertOf('ApiAbsent', 'page'), env: 'staging' };
    expect(isInhibited({ ...alertOf('AvailabilityBurn', 'page'), env: 'production' }, source)).toBe(false);
  });
});
