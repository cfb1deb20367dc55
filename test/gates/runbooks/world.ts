// What exists in the repository and may be named by a runbook.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse, parseAllDocuments } from 'yaml';

import type { Drill } from '../../../scripts/gameday/drill.ts';
import { alertName, burnName } from '../../../scripts/slo/alerts.ts';
import { readCauses, readSlos } from '../../../scripts/slo/definitions.ts';
import { loadContract } from '../../../scripts/telemetry/contract.ts';
import type { Emitted } from '../slo-rules.ts';

export const ROOT = join(import.meta.dirname, '../../..');

export type World = {
  /** With the prefix `UserService`. */
  readonly alerts: ReadonlySet<string>;
  readonly drills: ReadonlyMap<string, Pick<Drill, 'runbook' | 'blocks'>>;
  readonly dashboards: ReadonlySet<string>;
  readonly npmScripts: ReadonlyMap<string, string>;
  readonly composeServices: ReadonlySet<string>;
  readonly cluster: Cluster;
  readonly emitted: Emitted;
  /** Paths of the public port and of the management port; `:id` stands for anything. */
  readonly paths: Readonly<Record<'api' | 'management', readonly string[]>>;
  readonly tables: ReadonlySet<string>;
  /** Names of environment variables that the programs read. */
  readonly settings: ReadonlySet<string>;
  readonly exists: (path: string) => boolean;
};

/** What the chart renders, for a release whose name is the variable RELEASE. */
export type Cluster = {
  /** `deployment/$RELEASE-api` */
  readonly objects: ReadonlySet<string>;
  /** `app.kubernetes.io/component=api` */
  readonly labels: ReadonlySet<string>;
  readonly containers: ReadonlySet<string>;
};

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

type Rendered = {
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  spec?: { template?: { metadata?: { labels?: Record<string, string> } } };
};

const named = (name: string): string => name.replace(/^users(?=-|$)/, '$RELEASE');

const clusterOf = (text: string): Cluster => {
  const objects = parseAllDocuments(text)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
  const labels = objects.flatMap(({ metadata, spec }) =>
    [metadata.labels, spec?.template?.metadata?.labels].flatMap((one) =>
      Object.entries(one ?? {}).map(([key, value]) => `${key}=${key.endsWith('/instance') ? '$RELEASE' : value}`),
    ),
  );
  return {
    objects: new Set([
      ...objects.map(({ kind, metadata }) => `${kind.toLowerCase()}/${named(metadata.name)}`),
      ...[...text.matchAll(/secretName: ([\w-]+)/g)].map(([, name = '']) => `secret/${named(name)}`),
    ]),
    labels: new Set(labels),
    containers: new Set([...text.matchAll(/^ {8}- name: (\w+)$/gm)].map(([, name = '']) => name)),
  };
};

const routesOf = (pattern: string, prefix = ''): string[] =>
  globSync(pattern, { cwd: ROOT })
    .flatMap((file) => [...read(file).matchAll(/\b(?:app|api)\.(?:get|put|post|delete)\(\s*'(\/[^']*)'/g)])
    .map(([, path = '']) => `${prefix}${path}`);

const drillsOf = async (): Promise<readonly Drill[]> => {
  const file = join(ROOT, 'scripts/gameday/drills.ts');
  return existsSync(file) ? ((await import(file)) as { DRILLS: readonly Drill[] }).DRILLS : [];
};

const tablesOf = (): string[] =>
  globSync('migrations/*.sql', { cwd: ROOT }).flatMap((file) =>
    [...read(file).matchAll(/CREATE TABLE (\w+)/g)].map(([, name = '']) => name),
  );

export const readWorld = async (): Promise<World> => {
  const contract = loadContract();
  return {
    alerts: new Set([...readSlos().slos.map(burnName), ...readCauses().map(({ name }) => name)].map(alertName)),
    drills: new Map((await drillsOf()).map((drill) => [drill.name, drill])),
    dashboards: new Set(
      globSync('observability/grafana/dashboards/*.json', { cwd: ROOT }).map(
        (file) => (JSON.parse(read(file)) as { uid: string }).uid,
      ),
    ),
    npmScripts: new Map(
      Object.entries((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts),
    ),
    composeServices: new Set(
      Object.keys(
        (parse(read('docker-compose.yml'), { merge: true, maxAliasCount: -1 }) as { services: object }).services,
      ),
    ),
    cluster: clusterOf(read('test/chart/golden/production.yaml')),
    emitted: { metrics: new Map(contract.metrics.map((metric) => [metric.name, metric])), identity: contract.identity },
    paths: {
      api: contract.routes,
      management: [
        ...routesOf('src/http/management/management-server.ts'),
        ...routesOf('src/http/routes/health.ts'),
        ...routesOf('src/http/management/*.ts', '/management').filter((path) => !/metrics|info/.test(path)),
      ],
    },
    tables: new Set(tablesOf()),
    settings: new Set(read('docs/configuration.md').match(/\b[A-Z][A-Z\d]*(?:_[A-Z\d]+)+\b/g)),
    exists: (path) => existsSync(join(ROOT, path)),
  };
};
