// `helm lint` finds nothing, with the defaults and with the values of each environment; the package contains what a user of the chart needs.

import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

import { variable } from '../../src/config/environment.ts';
import { CHART, ENVIRONMENTS } from './support/chart.ts';

const run = promisify(execFile);
const helm = (...args: string[]) => run(variable(env, 'HELM') ?? 'helm', args);

describe('helm lint', () => {
  it.each(['', ...ENVIRONMENTS])('finds nothing with the values "%s"', async (environment) => {
    const values = environment === '' ? [] : ['--values', join(CHART, `values-${environment}.yaml`)];
    const { stdout } = await helm('lint', '--strict', CHART, ...values);
    expect(stdout).not.toMatch(/\[(WARNING|ERROR|INFO)\]/);
    expect(stdout).toContain('0 chart(s) failed');
  });
});

describe('helm package', () => {
  it('contains the README, and no values of an environment', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chart-package-'));
    const { stdout } = await helm('package', CHART, '--destination', folder);
    const archive = stdout.trim().split(': ').at(-1) ?? '';
    const { stdout: files } = await run('tar', ['-tzf', archive]);
    expect(files).toContain('user-service/README.md');
    expect(files).toContain('user-service/values.schema.json');
    expect(files).not.toMatch(/values-\w+\.yaml/);
  });
});
