// What each environment becomes, kept beside the tests: a change of the chart shows there what it does. `npm run test:chart -- --update` writes it.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { env } from 'node:process';

import { describe, expect, it } from 'vitest';

import { ENVIRONMENTS, readManifests, render } from './support/chart.ts';

const SCHEMAS = join(import.meta.dirname, 'schemas');

/** Strictly, against the schemas of a real API server. @returns what is wrong, a line each */
const kubeconform = async (text: string): Promise<string> => {
  const location = `${SCHEMAS}/{{.ResourceKind}}{{.KindSuffix}}.json`;
  const child = execFile(env.KUBECONFORM ?? 'kubeconform', ['-strict', '-schema-location', location, '-']);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: string) => (output += part));
  child.stdin?.end(text);
  await once(child, 'close');
  return output;
};

describe.each(ENVIRONMENTS)('%s', (environment) => {
  it('is what was reviewed', async () => {
    await expect(await render({ environment })).toMatchFileSnapshot(`golden/${environment}.yaml`);
  });

  it('is what Kubernetes understands', async () => {
    expect(await kubeconform(await render({ environment }))).toBe('');
  });
});

describe('kubeconform', () => {
  it.each([
    ['a name that does not exist', (text: string) => text.replace('maxSurge:', 'maxSruge:'), 'maxSruge'],
    ['a wrong type', (text: string) => text.replace('periodSeconds: 10', 'periodSeconds: often'), 'periodSeconds'],
    ['a kind without a schema', (text: string) => text.replace('kind: Service\n', 'kind: Servise\n'), 'Servise'],
  ])('sees %s', async (_bug, plant, word) => {
    expect(await kubeconform(plant(await render()))).toContain(word);
  });
});

describe('with the Prometheus operator', () => {
  it('the chart brings a monitor and rules, whose metrics the service has', async () => {
    const made = readManifests(await render({ operator: true })).filter(({ apiVersion }) =>
      apiVersion.startsWith('monitoring.coreos.com/'),
    );
    expect(made.map(({ kind }) => kind)).toEqual(['PrometheusRule', 'ServiceMonitor']);
    const queries = [...JSON.stringify(made).matchAll(/\b([a-z_]+)\{/g)].map(([, name]) => name);
    expect(new Set(queries)).toEqual(
      new Set(['http_request_duration_seconds_count', 'outbox_oldest_event_seconds', 'consumer_lag_messages']),
    );
  });
});
