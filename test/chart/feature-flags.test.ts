// Values of feature flags reach the processes as a file that changes without a restart.

import { describe, expect, it } from 'vitest';

import { parseFlagFile } from '../../src/flags/flag-file.ts';
import { readManifests, render, renderErrorOf } from './support/chart.ts';
import { kubeconform } from './support/kubeconform.ts';
import { ofKind, processesOf, type Manifest } from './support/manifest.ts';

const NAME = 'users-feature-flags';
const fileOf = (manifests: readonly Manifest[]): string =>
  ofKind(manifests, 'ConfigMap').find(({ metadata }) => metadata.name === NAME)?.data?.['feature-flags.json'] ?? '';
const podsOf = (manifests: readonly Manifest[]): string[] =>
  processesOf(manifests).map(({ spec }) => JSON.stringify(spec));

describe('featureFlags', () => {
  it('become a ConfigMap that the processes accept, with large numbers too', async () => {
    const text = await render({
      values: { featureFlags: { 'accept-orders': false, 'payment-decline-limit-minor': 1_000_000_000 } },
    });
    expect([...parseFlagFile(fileOf(readManifests(text)))]).toEqual([
      ['accept-orders', false],
      ['payment-decline-limit-minor', 1_000_000_000],
    ]);
    expect(await kubeconform(text)).toBe('');
  });

  it('exist without values too, so that an operator can change them', async () => {
    expect(fileOf(readManifests(await render()))).toBe('{}');
  });

  it('are mounted as a directory into api and worker, not into the relay', async () => {
    const pods = podsOf(readManifests(await render()));
    const mounting = pods.filter((pod) => pod.includes(`"name":"${NAME}"`));
    const programs = mounting.map((pod) => /dist\/bin\/(\w+)\.js/.exec(pod)?.[1]);
    expect(new Set(programs)).toEqual(new Set(['api', 'worker']));
    for (const pod of mounting) {
      expect(pod).toContain('"mountPath":"/etc/user-service/feature-flags"');
      expect(pod).not.toContain('subPath');
    }
  });

  it('restart no pod when a value changes', async () => {
    const changed = await render({ set: ['featureFlags.accept-orders=false'] });
    expect(podsOf(readManifests(changed))).toEqual(podsOf(readManifests(await render())));
  });

  it.each(['accept-order=false', 'accept-orders=maybe', 'payment-decline-limit-minor=-1'])(
    'rejects %s',
    async (pair) => {
      expect(await renderErrorOf({ set: [`featureFlags.${pair}`] })).toContain('featureFlags');
    },
  );

  it('rejects a file of its own', async () => {
    expect(await renderErrorOf({ set: ['config.FEATURE_FLAGS_FILE=/elsewhere'] })).toContain('featureFlags');
  });
});
