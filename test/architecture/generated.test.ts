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
    ['ops/README.md', '`USERS-PRIMARY`', '`USERS-FIRST`'],
    ['catalog-info.yaml', 'owner: users-team', 'owner: orders-team'],
    ['entity.datadog.yaml', 'tier: "1"', 'tier: "2"'],
    ['helm/user-service/values.schema.json', '"HTTP_PORT"', '"HTTP_PROT"'],
    ['docs/slo.md', '`UserServiceOutboxOld`', '`UserServiceOutboxStale`'],
    ['observability/prometheus/rules/slo.yaml', '14.4 * 0.001', '14.4 * 0.01'],
    ['observability/prometheus/rules/causes.yaml', 'for: 10m', 'for: 1h'],
    ['helm/user-service/files/rules.yaml', 'severity: page', 'severity: ticket'],
    ['observability/datadog/monitors.json', '> 14.4', '> 144'],
    ['observability/datadog/synthetics.json', '"target": 201', '"target": 200'],
    ['observability/datadog/slos.json', 'upper_bound:0.008', 'upper_bound:0.02'],
    ['helm/demo-dependencies/files/roles.sql', 'NOLOGIN', 'LOGIN'],
    ['helm/demo-dependencies/files/secrets.mts', 'randomBytes(24)', 'randomBytes(8)'],
    ['helm/user-service/README.md', '`api.replicas`', '`api.pods`'],
    ['helm/user-service/files/openmetrics.yaml', 'tag_by_endpoint: false', 'tag_by_endpoint: true'],
    ['compose/datadog/openmetrics.yaml', 'user.registrations', 'user.registrations.count'],
    ['observability/grafana/dashboards/business.json', 'user_registrations_total', 'registrations_total'],
    ['observability/datadog/dashboard.json', 'user.registrations', 'user.registrations.count'],
  ])('is found stale when %s says %s otherwise', (file, from, to) => {
    const stale = join(mkdtempSync(join(tmpdir(), 'docs-')), file);
    mkdirSync(dirname(stale), { recursive: true });
    writeFileSync(stale, readFileSync(join(root, file), 'utf8').replace(from, to));
    expect(check(stale)).toBe(1);
  });
});
