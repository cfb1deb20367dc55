// Settings in `config` that no process would accept, or that the chart derives from another value, are rejected when the chart is rendered.

import { describe, expect, it } from 'vitest';

import { SECTIONS } from '../../src/config/schema.ts';
import { settingsOf } from '../../src/config/setting.ts';
import { readManifests, render, renderErrorOf } from './support/chart.ts';
import { ofKind, podsOf, containersOf } from './support/manifest.ts';

describe('config rejects', () => {
  it.each([
    ['a text for a number', { HTTP_RATE_LIMIT_PER_SECOND: 'abc' }],
    ['a number with a unit', { HTTP_BODY_LIMIT_BYTES: '1Mi' }],
    ['a fraction for an integer', { HTTP_REQUEST_TIMEOUT_MS: 2000.5 }],
    ['a number below its minimum', { HTTP_BODY_LIMIT_BYTES: 1 }],
    ['a number above its maximum', { HTTP_BODY_LIMIT_BYTES: 1e12 }],
    ['a text that is longer than the maximum', { HTTP_BODY_LIMIT_BYTES: '1000000000000' }],
    ['an unknown level', { LOG_LEVEL: 'loud' }],
  ])('%s', async (_what, config) => {
    expect(await renderErrorOf({ values: { config } })).toContain(`at '/config/${Object.keys(config).join('')}'`);
  });

  it('what no process accepts, for every number, flag and choice', async () => {
    const settings = Object.values(SECTIONS)
      .flatMap((section) => settingsOf(section).map(([, setting]) => setting))
      .filter((setting) => ['integer', 'boolean'].includes(setting.type ?? '') || 'enum' in setting);
    const error = await renderErrorOf({
      values: { config: Object.fromEntries(settings.map(({ env }) => [env, 'no value'])) },
    });
    const unnamed = settings.filter(({ env }) => error?.includes(`at '/config/${env}'`) !== true);
    expect(settings.length).toBeGreaterThan(50);
    expect(unnamed.map(({ env }) => env)).toEqual([]);
  });

  it('no empty value, which counts as not set', async () => {
    const config = { HTTP_BODY_LIMIT_BYTES: '', LOG_LEVEL: '', REDIS_KEY_PREFIX: '' };
    expect(await renderErrorOf({ values: { config } })).toBeUndefined();
  });
});

describe('settings of the chart itself', () => {
  it('are rejected in config and in extraEnv', async () => {
    const values = { topics: { create: true } };
    const manifests = readManifests(await render({ environment: 'production', values }));
    const own = [
      ...ofKind(manifests, 'ConfigMap').flatMap(({ data = {} }) => Object.keys(data)),
      ...podsOf(manifests).flatMap((pod) => containersOf(pod).flatMap(({ env = [] }) => env.map(({ name }) => name))),
      ...['HTTP_HOST', 'HTTP_PORT', 'HTTP_MANAGEMENT_HOST', 'HTTP_MANAGEMENT_PORT', 'SECRETS_DIR'],
    ].filter((name) => /^[A-Z_]+$/.test(name));
    const names = [...new Set(own)];
    const known = new Set(Object.values(SECTIONS).flatMap((section) => settingsOf(section).map(([, { env }]) => env)));
    const inConfig = names.filter((name) => known.has(name) || name.startsWith('DD_'));

    const config = Object.fromEntries(inConfig.map((name) => [name, '']));
    const errorOfConfig = await renderErrorOf({ values: { config } });
    const errorOfEnv = await renderErrorOf({ values: { extraEnv: names.map((name) => ({ name, value: 'x' })) } });
    expect(inConfig.length).toBeGreaterThan(25);
    expect(inConfig.filter((name) => !errorOfConfig?.includes(`config.${name} is set by the chart (`))).toEqual([]);
    expect(names.filter((name) => !errorOfEnv?.includes(`extraEnv: ${name} is set by the chart (`))).toEqual([]);
  });
});
