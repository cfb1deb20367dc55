// How the api is reached: Service, Ingress, HTTPRoute, and the names of all objects.

import { describe, expect, it } from 'vitest';

import { readManifests, render, renderErrorOf } from './support/chart.ts';
import { kubeconform } from './support/kubeconform.ts';
import { containersOf, ofKind, podsOf, type Labels, type Pod } from './support/manifest.ts';
import { selects } from './support/policy.ts';

const trustedProxies = ['10.20.0.0/28']; // eslint-disable-line sonarjs/no-hardcoded-ip -- not connected to

describe('the Ingress', () => {
  it('has several hosts and paths, and one entry per certificate', async () => {
    const hosts = [
      { host: 'users.example.com', tlsSecret: 'shared' },
      { host: 'api.example.com', paths: ['/api', '/docs'], tlsSecret: 'shared' },
      { host: 'plain.example.com' },
    ];
    const text = await render({ values: { trustedProxies, ingress: { enabled: true, hosts } } });
    const [ingress] = ofKind(readManifests(text), 'Ingress');
    expect(ingress?.spec).toMatchObject({
      tls: [{ secretName: 'shared', hosts: ['users.example.com', 'api.example.com'] }],
      rules: [
        { host: 'users.example.com', http: { paths: [{ path: '/' }] } },
        { host: 'api.example.com', http: { paths: [{ path: '/api' }, { path: '/docs' }] } },
        { host: 'plain.example.com', http: { paths: [{ path: '/' }] } },
      ],
    });
    expect(await kubeconform(text)).toBe('');
  });
});

describe('a Service', () => {
  it('selects only pods that have its port: not those of hooks', async () => {
    const manifests = readManifests(await render());
    const wrong = ofKind(manifests, 'Service').flatMap(({ metadata, spec }) => {
      const { selector, ports } = spec as unknown as { selector: Labels; ports: { targetPort: string }[] };
      const hasPorts = (pod: Pod): boolean => {
        const names = containersOf(pod).flatMap((container) => container.ports?.map(({ name }) => name));
        return ports.every(({ targetPort }) => names.includes(targetPort));
      };
      return podsOf(manifests)
        .filter((pod) => selects({ selector: { matchLabels: selector } }, pod.labels) && !hasPorts(pod))
        .map(({ owner }) => `${metadata.name} selects ${owner.metadata.name}`);
    });
    expect(wrong).toEqual([]);
  });
});

describe('the HTTPRoute', () => {
  it('sends the paths of its hosts to the api', async () => {
    const httpRoute = {
      enabled: true,
      parentRefs: [{ name: 'public', namespace: 'gateways' }],
      hostnames: ['users.example.com'],
    };
    const text = await render({ values: { trustedProxies, httpRoute } });
    const [route] = ofKind(readManifests(text), 'HTTPRoute');
    expect(route?.spec).toEqual({
      parentRefs: [{ name: 'public', namespace: 'gateways' }],
      hostnames: ['users.example.com'],
      rules: [
        { matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs: [{ name: 'users-api', port: 80 }] },
      ],
    });
    expect(await kubeconform(text)).toBe('');
  });
});

describe('what is exposed is rejected', () => {
  const parentRefs = [{ name: 'public' }];
  it.each<[string, object, string]>([
    ['an Ingress without a host', { trustedProxies, ingress: { enabled: true } }, 'ingress.hosts is required'],
    ['a route without a Gateway', { trustedProxies, httpRoute: { enabled: true } }, 'httpRoute.parentRefs is required'],
    ['a route without trusted proxies', { httpRoute: { enabled: true, parentRefs } }, 'trustedProxies is required'],
  ])('%s', async (_what, values, message) => {
    expect(await renderErrorOf({ values })).toContain(message);
  });
});

describe('the Service', () => {
  it('keeps the address of the client where it is reached from outside', async () => {
    const values = { service: { type: 'LoadBalancer', annotations: { 'example.com/internal': 'true' } } };
    const [api] = ofKind(readManifests(await render({ values })), 'Service');
    expect(api).toMatchObject({
      metadata: { annotations: values.service.annotations },
      spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
    });
    const [inside] = ofKind(readManifests(await render()), 'Service');
    expect(inside?.spec).not.toHaveProperty('externalTrafficPolicy');
  });
});

describe('names', () => {
  const all = { canary: { tag: '0.2.0' }, datadog: { mode: 'node-agent' }, topics: { create: true } };

  it('begin with the name of the release, or with fullnameOverride', async () => {
    const namesWith = async (values: object): Promise<string[]> =>
      readManifests(await render({ values: { ...all, ...values } })).map(({ metadata }) => metadata.name);
    expect((await namesWith({})).filter((name) => !/^users(-|$)/.test(name))).toEqual([]);
    const overridden = await namesWith({ fullnameOverride: 'accounts' });
    expect(overridden.filter((name) => !/^accounts(-|$)/.test(name))).toEqual([]);
  });

  it('have at most 63 characters and stay different for long releases', async () => {
    const release = 'a'.repeat(52);
    const namesOf = async (name: string): Promise<string[]> =>
      readManifests(await render({ release: name, values: all })).map(({ metadata }) => metadata.name);
    const [one, other] = [await namesOf(`${release}b`), await namesOf(`${release}c`)];
    expect(one.filter((name) => name.length > 63)).toEqual([]);
    expect(one.filter((name) => other.includes(name))).toEqual([]);
  });

  it('of nameOverride are in every selector and in the labels of the pods', async () => {
    const text = await render({ values: { ...all, nameOverride: 'accounts' } });
    const label = 'app.kubernetes.io/name';
    expect(podsOf(readManifests(text)).map(({ labels }) => new Map(Object.entries(labels)).get(label))).toEqual(
      podsOf(readManifests(text)).map(() => 'accounts'),
    );
    expect(text).not.toMatch(/app\.kubernetes\.io\/name"?: *"?user-service/);
  });
});

describe('all pods', () => {
  it('are placed by the same values', async () => {
    const placement = {
      nodeSelector: { pool: 'services' },
      tolerations: [{ key: 'pool', operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
      priorityClassName: 'services',
    };
    for (const { spec } of podsOf(readManifests(await render({ values: placement }))))
      expect(spec).toMatchObject(placement);
  });
});
