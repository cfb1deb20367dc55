// The rendered manifests of each environment, compared with golden files, so that a change of the chart shows its effect in review.
// `npm run test:chart -- --update` rewrites the golden files.

import { describe, expect, it } from 'vitest';

import { ENVIRONMENTS, render } from './support/chart.ts';
import { kubeconform } from './support/kubeconform.ts';

describe.each(ENVIRONMENTS)('%s', (environment) => {
  it('matches its golden file', async () => {
    await expect(await render({ environment })).toMatchFileSnapshot(`golden/${environment}.yaml`);
  });

  it('is valid for the Kubernetes API', async () => {
    expect(await kubeconform(await render({ environment }))).toBe('');
  });
});

describe('kubeconform', () => {
  it.each([
    ['an unknown field', (text: string) => text.replace('maxSurge:', 'maxSruge:'), 'maxSruge'],
    ['a wrong type', (text: string) => text.replace('periodSeconds: 10', 'periodSeconds: often'), 'periodSeconds'],
    ['a kind without a schema', (text: string) => text.replace('kind: Service\n', 'kind: Servise\n'), 'Servise'],
  ])('finds %s', async (_violation, edit, word) => {
    expect(await kubeconform(edit(await render()))).toContain(word);
  });
});
