// `npm run docs` writes the generated files. `--check` writes nothing and exits with 1 when one is stale. With a path, only the generated file
// whose path it ends with is compared or written, at that path.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { makeDashboards } from '../observability/dashboards/dashboards.ts';
import { datadogDashboard } from '../observability/dashboards/datadog.ts';
import { chartReadmePage } from './docs/chart-readme.ts';
import { chartSchema } from './docs/chart-settings.ts';
import { auditSchemas, managementPage } from './docs/audit-events.ts';
import { configurationPage } from './docs/configuration.ts';
import { environmentsPage } from './docs/environments.ts';
import { chartCheck, composeCheck } from './docs/openmetrics-check.ts';
import { practicesPage, readmePage } from './docs/practices-page.ts';
import { catalogInfoFile, datadogEntityFile } from './oncall/catalogue.ts';
import { opsPage } from './oncall/page.ts';
import { runbookDocuments } from './runbooks/documents.ts';
import { datadogMonitorFile, datadogSloFile } from './slo/datadog.ts';
import { sloPage } from './slo/page.ts';
import { causeRules, chartRules, sloRules } from './slo/rule-files.ts';
import { syntheticsFile } from './synthetics/definition.ts';

const root = join(import.meta.dirname, '..');

const copyOf = (path: string) => (): string => readFileSync(join(root, path), 'utf8');

const json = (value: unknown) => (): string => `${JSON.stringify(value, null, 2)}\n`;

const dashboards = Object.fromEntries(
  [...makeDashboards()].map(([name, model]) => [`observability/grafana/dashboards/${name}.json`, json(model)]),
);

/** Each from its current text, because some are written only in part. */
const DOCUMENTS: Readonly<Record<string, (current: string) => string>> = {
  'README.md': readmePage,
  'docs/configuration.md': configurationPage,
  'docs/environments.md': environmentsPage,
  'docs/management.md': managementPage,
  'observability/audit-events.yaml': auditSchemas,
  'docs/practices.md': practicesPage,
  'docs/slo.md': sloPage,
  ...runbookDocuments(),
  'ops/README.md': opsPage,
  'catalog-info.yaml': catalogInfoFile,
  'entity.datadog.yaml': datadogEntityFile,
  'helm/user-service/values.schema.json': chartSchema,
  'helm/user-service/README.md': chartReadmePage,
  'helm/user-service/files/openmetrics.yaml': chartCheck,
  'compose/datadog/openmetrics.yaml': composeCheck,
  ...dashboards,
  'observability/datadog/dashboard.json': json(datadogDashboard()),
  'observability/prometheus/rules/slo.yaml': sloRules,
  'observability/prometheus/rules/causes.yaml': causeRules,
  'helm/user-service/files/rules.yaml': chartRules,
  'observability/datadog/slos.json': datadogSloFile,
  'observability/datadog/monitors.json': datadogMonitorFile,
  'observability/datadog/synthetics.json': syntheticsFile,
  // Helm reads no file outside of a chart
  'helm/demo-dependencies/files/logins.sql': copyOf('compose/logins.sql'),
  'helm/demo-dependencies/files/roles.sql': copyOf('src/postgres/roles.sql'),
  'helm/demo-dependencies/files/secrets.mts': copyOf('compose/secrets.ts'),
};

const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true });
const [only] = positionals;
/** helm/user-service/README.md ends with README.md, too. */
const [chosen] = Object.keys(DOCUMENTS)
  .filter((file) => only?.endsWith(`/${file}`) === true)
  .sort((a, b) => b.length - a.length);

for (const [file, write] of Object.entries(DOCUMENTS)) {
  if (only !== undefined && file !== chosen) continue;
  const path = only ?? join(root, file);
  const current = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const text = write(current);
  if (text === current) continue;
  if (values.check === true) {
    console.error(`${path} is stale: npm run docs`);
    process.exitCode = 1;
  } else writeFileSync(path, text);
}
