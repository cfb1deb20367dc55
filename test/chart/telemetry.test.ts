// What each mode of Datadog, and each agent of spans, makes of the chart.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { CHART, readManifests, render, renderErrorOf } from './support/chart.ts';
import { kubeconform } from './support/kubeconform.ts';
import { ofKind, processesOf, type Manifest, type Pod } from './support/manifest.ts';

type Check = {
  init_config: object;
  instances: { openmetrics_endpoint: string; tags?: string[]; [option: string]: unknown }[];
};

const FILE = parse(readFileSync(join(CHART, 'files/openmetrics.yaml'), 'utf8')) as Check;
const SECRET = 'datadog.apiKeySecret=datadog';
const NEW_RELIC = ['apm=newrelic', 'newRelic.licenseKeySecret=new-relic'];

const manifestsOf = async (...set: string[]): Promise<Manifest[]> => readManifests(await render({ set }));
const settingsOf = (manifests: readonly Manifest[]) =>
  ofKind(manifests, 'ConfigMap').find(({ metadata }) => metadata.name === 'users')?.data ?? {};
const annotationsOf = ({ owner }: Pod) => owner.spec?.template?.metadata?.annotations ?? {};
const componentOf = ({ labels }: Pod): string => labels['app.kubernetes.io/component'] ?? '';
const agentOf = ({ spec }: Pod) => spec.initContainers?.find(({ name }) => name === 'datadog-agent');
const variablesOf = ({ spec }: Pod) => new Map(spec.containers[0]?.env?.map(({ name, ...from }) => [name, from]));
const volumeOf = ({ spec }: Pod, volume: string) => spec.volumes?.find(({ name }) => name === volume);

/** Port and components of an egress policy. */
const egressOf = (manifests: readonly Manifest[], name: string) => {
  const policy = ofKind(manifests, 'NetworkPolicy').find(({ metadata }) => metadata.name === name);
  if (policy === undefined) return undefined;
  const [rule] = policy.spec?.egress as { ports: { port: number }[] }[];
  const [{ values } = { values: [] }] = (policy.spec?.podSelector?.matchExpressions ?? []) as { values: string[] }[];
  return { ports: rule?.ports.map(({ port }) => port), from: values };
};
const PROCESSES = ['api', 'relay', 'worker'];

describe('datadog.mode', () => {
  it('off loads no tracer, opens no port and mounts no key', async () => {
    const manifests = await manifestsOf();
    expect(settingsOf(manifests)).toMatchObject({ APM: 'none' });
    expect(egressOf(manifests, 'users-to-datadog')).toBeUndefined();
    for (const pod of processesOf(manifests)) {
      expect(JSON.stringify([annotationsOf(pod), pod.spec])).not.toMatch(/datadog/i);
      expect(pod.labels).not.toHaveProperty(['admission.datadoghq.com/enabled']);
    }
  });

  it('node-agent annotates each process for the check and the logs of the agent', async () => {
    const manifests = await manifestsOf('datadog.mode=node-agent');
    expect(settingsOf(manifests)).toMatchObject({ APM: 'datadog' });
    expect(egressOf(manifests, 'users-to-datadog')).toEqual({ ports: [8126], from: PROCESSES });
    expect(processesOf(manifests).map(componentOf)).toEqual(PROCESSES);
    for (const pod of processesOf(manifests)) {
      const read = (kind: string): unknown =>
        JSON.parse(annotationsOf(pod)[`ad.datadoghq.com/${componentOf(pod)}.${kind}`] ?? '');
      expect(read('logs')).toEqual([{ source: 'nodejs', service: 'user-service' }]);
      const { openmetrics } = read('checks') as { openmetrics: Check };
      // eslint-disable-next-line sonarjs/no-clear-text-protocols -- within the cluster, on a port that is never published
      const own = { openmetrics_endpoint: 'http://%%host%%:8081/metrics', tags: ['pod_name:%%kube_pod_name%%'] };
      expect(openmetrics).toEqual({ ...FILE, instances: FILE.instances.map((instance) => ({ ...instance, ...own })) });
      expect(variablesOf(pod).get('DD_AGENT_HOST')).toEqual({
        valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } },
      });
      expect(agentOf(pod)).toBeUndefined();
    }
  });

  it('sidecar mounts the check into an agent that is its own host, without annotations', async () => {
    const manifests = await manifestsOf('datadog.mode=sidecar', SECRET);
    expect(egressOf(manifests, 'users-to-datadog')).toEqual({ ports: [443], from: PROCESSES });
    const check = ofKind(manifests, 'ConfigMap').find(({ metadata }) => metadata.name === 'users-openmetrics');
    expect(parse(check?.data?.['conf.yaml'] ?? '')).toEqual(FILE);
    for (const pod of processesOf(manifests)) {
      expect(volumeOf(pod, 'datadog-check')).toMatchObject({ configMap: { name: 'users-openmetrics' } });
      expect(agentOf(pod)).toMatchObject({
        volumeMounts: expect.arrayContaining([
          { name: 'datadog-check', mountPath: '/etc/datadog-agent/conf.d/openmetrics.d', readOnly: true },
        ]) as unknown,
        env: expect.arrayContaining([
          { name: 'DD_HOSTNAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'DD_USE_DOGSTATSD', value: 'false' },
        ]) as unknown,
      });
      expect(JSON.stringify(annotationsOf(pod))).not.toContain('ad.datadoghq.com');
    }
  });

  // 0440 in YAML 1.1, as Kubernetes reads it
  it('embedded gives the processes the key as a file, and no agent', async () => {
    const manifests = await manifestsOf('datadog.mode=embedded', 'datadog.site=datadoghq.com', SECRET);
    expect(settingsOf(manifests)).toMatchObject({ DATADOG_METRICS: 'push', DD_SITE: 'datadoghq.com' });
    expect(egressOf(manifests, 'users-to-datadog')).toEqual({ ports: [443], from: PROCESSES });
    const key = { secret: { name: 'datadog', items: [{ key: 'api-key', path: 'dd_api_key' }] } };
    for (const pod of processesOf(manifests)) {
      expect(volumeOf(pod, 'secrets')).toMatchObject({ projected: { defaultMode: 440 } });
      expect(JSON.stringify(volumeOf(pod, 'secrets'))).toContain(JSON.stringify(key));
      expect(agentOf(pod)).toBeUndefined();
      expect([...variablesOf(pod).keys()]).not.toContain('DD_AGENT_HOST');
    }
    for (const { spec } of ofKind(manifests, 'Job')) expect(JSON.stringify(spec)).not.toContain('dd_api_key');
  });

  it.each(['node-agent', 'sidecar', 'embedded'])(
    '%s renders what Kubernetes accepts, and labels every pod',
    async (mode) => {
      const text = await render({ set: [`datadog.mode=${mode}`, SECRET, 'canary.tag=0.2.0'] });
      expect(await kubeconform(text)).toBe('');
      for (const { owner, labels } of processesOf(readManifests(text)))
        for (const all of [labels, owner.metadata.labels ?? {}]) {
          expect(all).toMatchObject({
            'tags.datadoghq.com/service': 'user-service',
            'tags.datadoghq.com/env': 'dev',
            'tags.datadoghq.com/version': owner.metadata.name.endsWith('-canary') ? '0.2.0' : '0.1.0',
          });
        }
    },
  );
});

describe('features of the agent', () => {
  it('are one value each', async () => {
    const on = ['datadog.mode=node-agent', 'datadog.profiling=true', 'datadog.dataStreams=true'];
    const settings = { DD_PROFILING_ENABLED: 'true', DD_DATA_STREAMS_ENABLED: 'true' };
    expect(settingsOf(await manifestsOf(...on))).toMatchObject(settings);
    const off = settingsOf(await manifestsOf('datadog.mode=node-agent'));
    for (const name of Object.keys(settings)) expect(off).not.toHaveProperty(name);
  });
});

describe('apm', () => {
  it('newrelic runs the image with its agent, mounts the key as a file, and opens port 443', async () => {
    const manifests = await manifestsOf(...NEW_RELIC);
    expect(settingsOf(manifests)).toMatchObject({ APM: 'newrelic' });
    expect(egressOf(manifests, 'users-to-new-relic')).toEqual({ ports: [443], from: PROCESSES });
    const key = { name: 'new-relic', items: [{ key: 'license-key', path: 'new_relic_license_key' }] };
    for (const pod of processesOf(manifests)) {
      expect(pod.spec.containers[0]?.image).toBe('user-service:0.1.0-newrelic');
      expect(variablesOf(pod).get('DD_VERSION')).toEqual({ value: '0.1.0' });
      expect(JSON.stringify(volumeOf(pod, 'secrets'))).toContain(JSON.stringify(key));
    }
    for (const { spec } of ofKind(manifests, 'Job')) {
      expect(spec?.template?.spec.containers[0]?.image).toBe('user-service:0.1.0');
      expect(spec?.template?.spec.containers[0]?.env).toContainEqual({ name: 'APM', value: 'none' });
    }
    expect(await kubeconform(await render({ set: NEW_RELIC }))).toBe('');
  });

  it('newrelic uses a digest as it is', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const [pod] = processesOf(await manifestsOf(...NEW_RELIC, `image.digest=${digest}`));
    expect(pod?.spec.containers[0]?.image).toBe(`user-service@${digest}`);
  });

  it('none makes no spans, whatever reads metrics and logs', async () => {
    const manifests = await manifestsOf('apm=none', 'datadog.mode=node-agent');
    expect(settingsOf(manifests)).toMatchObject({ APM: 'none' });
    for (const pod of processesOf(manifests)) {
      expect(Object.keys(annotationsOf(pod))).toContain(`ad.datadoghq.com/${componentOf(pod)}.checks`);
      expect([...variablesOf(pod).keys()]).not.toContain('DD_AGENT_HOST');
    }
  });
});

describe('what is rejected', () => {
  it.each<[string, string[], string]>([
    [
      'a sidecar without a key',
      ['datadog.mode=sidecar'],
      'datadog.apiKeySecret is required when datadog.mode is sidecar',
    ],
    [
      'no agent and no key',
      ['datadog.mode=embedded'],
      'datadog.apiKeySecret is required when datadog.mode is embedded',
    ],
    ['New Relic without a key', ['apm=newrelic'], 'newRelic.licenseKeySecret is required when apm is newrelic'],
    ['profiles without an agent', ['datadog.profiling=true'], 'datadog.profiling sends to an agent'],
    [
      'data streams without spans of Datadog',
      ['datadog.dataStreams=true', 'datadog.mode=node-agent', 'apm=none'],
      'datadog.dataStreams sends to an agent',
    ],
    ['an unknown agent', ['apm=dynatrace'], "at '/apm'"],
    ['a suffix that is no part of a tag', ['newRelic.imageSuffix=:x'], "at '/newRelic/imageSuffix'"],
  ])('%s', async (_what, set, message) => {
    expect(await renderErrorOf({ set })).toContain(message);
  });

  it('New Relic without peers of its collector, where peers are needed', async () => {
    const options = { environment: 'production', set: NEW_RELIC };
    expect(await renderErrorOf(options)).toContain('networkPolicy: dependencies.newRelic has no peers');
    const newRelic = [{ ipBlock: { cidr: '203.0.113.0/24' } }];
    const values = { networkPolicy: { dependencies: { newRelic } } };
    expect(await renderErrorOf({ ...options, values })).toBeUndefined();
  });
});
