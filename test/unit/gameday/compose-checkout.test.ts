// The clone in which a drill on Docker Compose works: its releases are commits, and this repository stays as it is.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { isClone, makeCheckout, type Checkout } from '../../../scripts/gameday/stacks/compose/checkout.ts';

const ROOT = join(import.meta.dirname, '../../..');

const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' }).trim(); // eslint-disable-line sonarjs/no-os-command-from-path -- runs on a developer's machine and in CI

describe.skipIf(!isClone())('the checkout of a drill', () => {
  let parent: string;
  let checkout: Checkout;

  const environmentOf = (service: string): Record<string, string> => {
    const { services } = parse(readFileSync(join(checkout.folder, 'docker-compose.override.yml'), 'utf8')) as {
      services: Record<string, { environment?: Record<string, string> }>;
    };
    return new Map(Object.entries(services)).get(service)?.environment ?? {};
  };

  beforeAll(async () => {
    parent = mkdtempSync(join(tmpdir(), 'checkout-'));
    const override = { services: { api: { environment: { HTTP_REQUEST_TIMEOUT_MS: '20000' } } } };
    checkout = await makeCheckout(join(parent, 'clone'), override);
  });
  afterAll(() => {
    rmSync(parent, { recursive: true });
  });

  it('is one commit after the last one of this repository, with rules on a faster clock', () => {
    expect(git(checkout.folder, 'rev-parse', 'HEAD~1')).toBe(git(ROOT, 'rev-parse', 'HEAD'));
    expect(git(checkout.folder, 'status', '--porcelain')).toBe('');
    const rules = readFileSync(join(checkout.folder, 'observability/prometheus/rules/causes.yaml'), 'utf8');
    expect(rules).toContain('max(avg_over_time(up{job="api"}[15s])) < 0.5');
  });

  it('makes a release a commit, which git switch takes back', async () => {
    const before = git(checkout.folder, 'rev-parse', 'HEAD');
    await checkout.release('api', { HTTP_REQUEST_TIMEOUT_MS: '10s', NODE_OPTIONS: '--title=$HOME' });
    await checkout.release('worker', { PAYMENTS_DELAY_MS: '1500' });
    expect(environmentOf('worker')).toEqual({ PAYMENTS_DELAY_MS: '1500' });
    // Compose reads $$ as $
    expect(environmentOf('api')).toEqual({ HTTP_REQUEST_TIMEOUT_MS: '10s', NODE_OPTIONS: '--title=$$HOME' });
    await checkout.rollBack();
    expect(environmentOf('worker')).toEqual({});
    expect(git(checkout.folder, 'rev-parse', 'HEAD')).toBe(checkout.goodCommit());
    expect(git(checkout.folder, 'rev-parse', 'HEAD~1')).toBe(before);
  });

  it('goes back from the latest release only, also when a person has gone back already', async () => {
    git(checkout.folder, 'switch', '--quiet', '--detach', checkout.goodCommit());
    await checkout.rollBack();
    expect(environmentOf('api')).toHaveProperty('NODE_OPTIONS');
  });
});
