// The chart with secrets.vault, and what the agent injector would read of it.

import { readManifests, render } from './chart.ts';
import { podsOf, type Manifest, type Pod } from './manifest.ts';

/** Instead of the Secrets that the values of every environment name. */
export const VAULT = [
  'secrets.existingSecret=',
  'secrets.existingMigrationSecret=',
  'secrets.vault.enabled=true',
] as const;

export const ROLES = ['api', 'relay', 'worker', 'migrate'];

/** @param set further arguments of `--set` */
export const withVault = async (...set: string[]): Promise<Manifest[]> =>
  readManifests(await render({ set: [...VAULT, ...set] }));
export const componentOf = ({ labels }: Pod): string => labels['app.kubernetes.io/component'] ?? '';
export const podsOfRoles = (manifests: readonly Manifest[]): Pod[] =>
  podsOf(manifests).filter((pod) => ROLES.includes(componentOf(pod)));

/** Without the prefix. */
export const annotationsOf = ({ owner }: Pod): Record<string, string> =>
  Object.fromEntries(
    Object.entries(owner.spec?.template?.metadata?.annotations ?? {}).flatMap(([name, value]) =>
      name.startsWith('vault.hashicorp.com/') ? [[name.slice('vault.hashicorp.com/'.length), value]] : [],
    ),
  );

export const valuesOf = (pod: Pod, kind: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(annotationsOf(pod)).flatMap(([name, value]) =>
      name.startsWith(`${kind}-`) ? [[name.slice(kind.length + 1), value]] : [],
    ),
  );
