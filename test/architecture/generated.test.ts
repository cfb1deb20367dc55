// What `npm run docs` writes is as it would be written now.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const check = (...paths: string[]) =>
  spawnSync(process.execPath, [join(root, 'scripts/docs.ts'), '--check', ...paths]).status;

describe('what is generated', () => {
  it('is up to date', () => {
    expect(check()).toBe(0);
  });

  it.each([
    ['README.md', '| Helm chart |', '| Chart |'],
    ['docs/practices.md', 'src/outbox/relay.ts', 'src/outbox/send.ts'],
    ['docs/configuration.md', '`8080`', '`80`'],
    ['docs/environments.md', '`staging`', '`stage`'],
    ['helm/user-service/values.schema.json', '"HTTP_PORT"', '"HTTP_PROT"'],
    ['helm/demo-dependencies/files/roles.sql', 'NOLOGIN', 'LOGIN'],
    ['helm/demo-dependencies/files/secrets.mts', 'randomBytes(24)', 'randomBytes(8)'],
    ['helm/user-service/README.md', '`api.replicas`', '`api.pods`'],
    ['observability/grafana/dashboards/business.json', 'user_registrations_total', 'registrations_total'],
    ['observability/datadog/dashboard.json', 'user.registrations', 'user.registrations.count'],
  ])('is found stale when %s says %s otherwise', (file, from, to) => {
    const stale = join(mkdtempSync(join(tmpdir(), 'docs-')), file);
    mkdirSync(dirname(stale), { recursive: true });
    writeFileSync(stale, readFileSync(join(root, file), 'utf8').replace(from, to));
    expect(check(stale)).toBe(1);
  });
});
