// The processes of the rendered chart, loaded as the service loads its configuration: with a file for each secret.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { newSigningKey } from '../../../src/auth/tokens/new-signing-key.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { SECTIONS, type SectionName } from '../../../src/config/schema.ts';
import { secretFileName, settingsOf } from '../../../src/config/setting.ts';
import { ofKind, podsOf, type Manifest, type PodSpec } from './manifest.ts';

const EVENTS: SectionName[] = ['log', 'management', 'postgres', 'kafka', 'schemaRegistry', 'lifecycle', 'telemetry'];

/** The configuration sections that each program in src/bin/ loads. */
export const SECTIONS_OF = new Map<string, SectionName[]>([
  ['api', ['log', 'http', 'management', 'postgres', 'redis', 'auth', 'lifecycle', 'telemetry']],
  ['relay', [...EVENTS, 'outbox']],
  ['worker', [...EVENTS, 'consumers', 'payments']],
  ['migrate', ['migrations', 'schemaRegistry']],
]);

/** With Vault the names are in annotations. */
const injectedInto = ({ spec }: Manifest): string[] =>
  Object.keys(spec?.template?.metadata?.annotations ?? {}).flatMap(
    (name) => /^vault\.hashicorp\.com\/agent-inject-template-(\w+)$/.exec(name)?.[1] ?? [],
  );

const secretsOf = ({ volumes = [] }: PodSpec): string[] => {
  type Source = { items: { path: string }[] };
  const { secret, projected } = (volumes.find(({ name }) => name === 'secrets') ?? {}) as {
    secret?: Source;
    projected?: { sources: { secret: Source }[] };
  };
  const sources = projected?.sources.map((source) => source.secret) ?? (secret === undefined ? [] : [secret]);
  return sources.flatMap(({ items }) => items.map(({ path }) => path));
};

type Process = { role: string; sections: SectionName[]; env: Record<string, string>; secrets: string[] };

export const processesIn = (manifests: readonly Manifest[]): Process[] => {
  const data = new Map(ofKind(manifests, 'ConfigMap').map((one) => [one.metadata.name, one.data ?? {}]));
  return podsOf(manifests).flatMap(({ owner, labels, spec }) => {
    const role = labels['app.kubernetes.io/component'] ?? '';
    const sections = SECTIONS_OF.get(role);
    const [container] = spec.containers;
    if (sections === undefined || container === undefined) return [];
    const own = (container.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]));
    const shared = data.get(role === 'migrate' ? 'users-migrate' : 'users');
    return [
      {
        role,
        sections,
        secrets: [...secretsOf(spec), ...injectedInto(owner)],
        env: { ...shared, ...(Object.fromEntries(own) as typeof shared) },
      },
    ];
  });
};

/** Content that the service accepts; of the passwords any. */
const CONTENTS = new Map([
  ['auth_signing_keys', JSON.stringify({ keys: [await newSigningKey()] })],
  ['auth_clients', '{}'],
  ['http_management_token', 'x'.repeat(32)],
  ['postgres_credentials', JSON.stringify({ username: 'v-app', password: 'x', expiresAt: 4_000_000_000 })],
  ['postgres_migration_credentials', JSON.stringify({ username: 'v-owner', password: 'x' })],
]);

export const errorsOf = ({ sections, env, secrets }: Process): string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'chart-secrets-'));
  for (const file of secrets) writeFileSync(join(folder, file), CONTENTS.get(file) ?? 'x');
  try {
    loadConfig({ ...env, SECRETS_DIR: folder }, sections);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ env: name, detail }) => `${name} ${detail}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** Every secret that these sections may read. */
export const readBy = (sections: readonly SectionName[]): string[] =>
  sections
    .flatMap((name) => settingsOf(SECTIONS[name])) // eslint-disable-line security/detect-object-injection -- a name of the schema
    .flatMap(([, setting]) => (setting.secret ? [secretFileName(setting)] : []));
