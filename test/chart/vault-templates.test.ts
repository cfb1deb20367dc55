// The chart can't read files outside of itself: its templates are copies of those in vault/agent, with the names of the values.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { CHART } from './support/chart.ts';
import { componentOf, podsOfRoles, valuesOf, withVault } from './support/vault.ts';

describe('the templates', () => {
  /** Contents of the templates in vault/agent, by the name of their file here. */
  const original = Object.fromEntries(
    readdirSync(join(CHART, '../../vault/agent')).flatMap((file) => {
      const text = readFileSync(join(CHART, '../../vault/agent', file), 'utf8');
      const folder = file.endsWith('-static.hcl') ? 'static/' : '';
      return text.split('template {').flatMap((block) => {
        const name = /"secrets\/(\w+)"/.exec(block)?.[1];
        const contents = /<<-EOT\n([^\n]*)\n/.exec(block)?.[1]?.trim();
        return name === undefined || contents === undefined ? [] : [[`${folder}${name}.ctmpl`, `${contents}\n`]];
      });
    }),
  );

  it('are those of vault/agent; the registry has none there', () => {
    const folder = join(CHART, 'files/vault');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ctmpl'));
    const contents = files.map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const);
    expect(Object.keys(original).length).toBeGreaterThan(8);
    expect(Object.fromEntries(contents.filter(([file]) => file !== 'schema_registry_password.ctmpl'))).toEqual(
      original,
    );
  });

  it.each([
    ['dynamic', '', 'database/creds/user-service-app', 'database/creds/user-service-owner'],
    ['static', 'static/', 'database/static-creds/user-service-app', 'database/static-creds/user-service-owner'],
  ])('of %s credentials are rendered as they are', async (kind, folder, app, owner) => {
    const manifests = await withVault(`secrets.vault.credentials=${kind}`);
    const [api] = podsOfRoles(manifests);
    const migration = podsOfRoles(manifests).find((pod) => componentOf(pod) === 'migrate');
    expect(api && valuesOf(api, 'agent-inject-secret')).toMatchObject({ postgres_credentials: app });
    expect(migration && valuesOf(migration, 'agent-inject-secret')).toEqual({ postgres_migration_credentials: owner });
    expect(`${api ? valuesOf(api, 'agent-inject-template').postgres_credentials : ''}\n`).toBe(
      new Map(Object.entries(original)).get(`${folder}postgres_credentials.ctmpl`),
    );
  });

  it('name the mounts and roles of the values', async () => {
    const set = ['mounts.kv=teams/users', 'mounts.database=postgres', 'databaseRoles.app=app'];
    const [api] = podsOfRoles(await withVault(...set.map((value) => `secrets.vault.${value}`)));
    const templates = Object.values(api ? valuesOf(api, 'agent-inject-template') : {}).join('\n');
    expect(templates).toContain('secret "teams/users/data/auth"');
    expect(templates).toContain('secret "postgres/creds/app"');
    expect(templates).not.toMatch(/secret "(user-service|database)\//);
  });
});
