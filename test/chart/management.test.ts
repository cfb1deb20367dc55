// The handles for operators exist in the pods that have the token, and only there.

import { describe, expect, it } from 'vitest';

import { readManifests, render, renderErrorOf } from './support/chart.ts';
import { kubeconform } from './support/kubeconform.ts';
import { ofKind, processesOf, type Manifest } from './support/manifest.ts';

const manifestsOf = async (...set: string[]): Promise<Manifest[]> => readManifests(await render({ set }));
const settingsOf = (manifests: readonly Manifest[]) =>
  ofKind(manifests, 'ConfigMap').find(({ metadata }) => metadata.name === 'users')?.data ?? {};

describe('management.operatorToken', () => {
  it('off mounts no token and no volume', async () => {
    const manifests = await manifestsOf();
    expect(JSON.stringify(manifests)).not.toMatch(/http_management_token|diagnostics/i);
  });

  it('on mounts the token and a volume for profiles into the processes, not into the migration', async () => {
    const text = await render({ set: ['management.operatorToken=true', 'management.diagnosticsSize=1Gi'] });
    const manifests = readManifests(text);
    expect(settingsOf(manifests)).toMatchObject({ HTTP_MANAGEMENT_DIAGNOSTICS_DIR: '/diagnostics/files' });
    for (const { spec } of processesOf(manifests)) {
      expect(JSON.stringify(spec.volumes)).toContain('"path":"http_management_token"');
      expect(spec.volumes).toContainEqual({ name: 'diagnostics', emptyDir: { sizeLimit: '1Gi' } });
      expect(JSON.stringify(spec.containers)).toContain('"mountPath":"/diagnostics"');
    }
    expect(JSON.stringify(ofKind(manifests, 'Job'))).not.toMatch(/http_management_token|"diagnostics"/);
    expect(await kubeconform(text)).toBe('');
  });

  it('rejects a folder of its own', async () => {
    const error = await renderErrorOf({ set: ['config.HTTP_MANAGEMENT_DIAGNOSTICS_DIR=/elsewhere'] });
    expect(error).toContain('management.operatorToken');
  });
});
