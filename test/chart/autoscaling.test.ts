// The number of pods while a HorizontalPodAutoscaler sets it. Helm removes a field that its manifest no longer has, and Kubernetes then takes one replica.

import { describe, expect, it } from 'vitest';

import { readManifests, render, renderErrorOf } from './support/chart.ts';
import { ofKind, type Manifest } from './support/manifest.ts';

const named = (manifests: readonly Manifest[], kind: string, name: string): Manifest['spec'] =>
  ofKind(manifests, kind).find(({ metadata }) => metadata.name === name)?.spec;

const rendered = async (autoscaling: object): Promise<{ api: Manifest['spec']; scaler: Manifest['spec'] }> => {
  const values = { api: { replicas: 3, autoscaling: { enabled: true, maxReplicas: 4, ...autoscaling } } };
  const manifests = readManifests(await render({ values }));
  return {
    api: named(manifests, 'Deployment', 'users-api'),
    scaler: named(manifests, 'HorizontalPodAutoscaler', 'users-api'),
  };
};

describe('with autoscaling', () => {
  it('the Deployment has a number of pods, which is the lowest of the autoscaler', async () => {
    const { api, scaler } = await rendered({});
    expect(api?.replicas).toBe(3);
    expect(scaler).toMatchObject({ minReplicas: 3, maxReplicas: 4 });
  });

  it('the Deployment has none where the chart is rendered without a cluster and says so', async () => {
    const { api, scaler } = await rendered({ keepReplicas: false });
    expect(api).not.toHaveProperty('replicas');
    expect(scaler).toMatchObject({ minReplicas: 3 });
  });

  it('the CPU, the memory and metrics of the cluster can set the number', async () => {
    const queue = { type: 'External', external: { metric: { name: 'lag' }, target: { type: 'Value', value: 100 } } };
    const utilization = (name: string, averageUtilization: number): object => ({
      type: 'Resource',
      resource: { name, target: { type: 'Utilization', averageUtilization } },
    });
    expect((await rendered({})).scaler).toMatchObject({ metrics: [utilization('cpu', 70)] });
    expect((await rendered({ memoryPercent: 80, metrics: [queue] })).scaler).toMatchObject({
      metrics: [utilization('cpu', 70), utilization('memory', 80), queue],
    });
  });

  it.each(['api', 'worker'])('a maximum below the replicas of %s is rejected, while it counts', async (role) => {
    const set = [`${role}.replicas=4`, `${role}.autoscaling.maxReplicas=3`];
    expect(await renderErrorOf({ set: [...set, `${role}.autoscaling.enabled=true`] })).toContain(
      `${role}.autoscaling.maxReplicas (3) is less than ${role}.replicas (4)`,
    );
    expect(await renderErrorOf({ set })).toBeUndefined();
  });
});
