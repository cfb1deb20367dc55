// What exists in the repository and may be named by a runbook.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse, parseAllDocuments } from 'yaml';

import type { Drill } from '../../../scripts/gameday/drill.ts';
import { DRILLS } from '../../../scripts/gameday/drills.ts';
import { alertName, burnName } from '../../../scripts/slo/alerts.ts';
import { readCauses, readSlos } from '../../../scripts/slo/definitions.ts';
import { loadContract, type Contract, type LabelRule, type Metric } from '../../../scripts/telemetry/contract.ts';
import { FOLDER } from '../../../scripts/runbooks/runbooks.ts';
import type { Emitted } from '../slo-rules.ts';

/* eslint-disable security/detect-unsafe-regex -- they read our own files */

export const ROOT = join(import.meta.dirname, '../../..');

export type DrillOfPage = Pick<Drill, 'alert' | 'runbook' | 'blocks'>;

export type World = {
  /** With the prefix `UserService`. */
  readonly alerts: ReadonlySet<string>;
  readonly drills: ReadonlyMap<string, DrillOfPage>;
  readonly dashboards: ReadonlySet<string>;
  readonly npmScripts: ReadonlyMap<string, string>;
  readonly composeServices: ReadonlySet<string>;
  readonly cluster: Cluster;
  readonly emitted: Emitted;
  /** Paths of the public port and of the management port; `:id` stands for anything. */
  readonly paths: Readonly<Record<'api' | 'management', readonly string[]>>;
  readonly tables: ReadonlySet<string>;
  /** Names in capitals: settings, codes of errors. */
  readonly capitals: ReadonlySet<string>;
  /** The runbooks that a runbook links to. */
  readonly linksOf: (page: string) => readonly string[];
  readonly exists: (path: string) => boolean;
  /** Of a Markdown file: its headings, as links name them. */
  readonly anchorsOf: (path: string) => ReadonlySet<string>;
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

/* eslint-disable security/detect-object-injection -- labels of our own file */
const unionOf = (one: LabelRule | undefined, other: LabelRule): LabelRule =>
  one !== undefined && 'values' in one && 'values' in other ? { values: [...one.values, ...other.values] } : other;

const tablesOf = (): string[] =>
  globSync('migrations/*.sql', { cwd: ROOT }).flatMap((file) =>
    [...read(file).matchAll(/CREATE TABLE (\w+)/g)].map(([, name = '']) => name),
  );

/** Of a name that two services use, with the labels of both. */
const metricsOf = ({ metrics }: Contract): Emitted['metrics'] => {
  const all = new Map<string, Metric>();
  for (const metric of metrics) {
    const labels = Object.fromEntries(
      Object.entries(metric.labels).map(([label, rule]) => [label, unionOf(all.get(metric.name)?.labels[label], rule)]),
    );
    all.set(metric.name, { ...metric, labels: { ...all.get(metric.name)?.labels, ...labels } });
  }
  return all;
};

/** As GitHub makes them. */
const anchorsOf = (path: string): Set<string> =>
  new Set(
    [...read(path).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );

export const readWorld = (): World => {
  const contract = loadContract();
  return {
    alerts: new Set([...readSlos().slos.map(burnName), ...readCauses().map(({ name }) => name)].map(alertName)),
    drills: new Map(DRILLS.map((drill) => [drill.name, drill])),
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
    emitted: { metrics: metricsOf(contract), identity: contract.identity },
    paths: {
      api: contract.routes,
      management: [
        ...routesOf('src/http/management/management-server.ts'),
        ...routesOf('src/http/routes/health.ts'),
        ...routesOf('src/http/management/*.ts', '/management').filter((path) => !/metrics|info/.test(path)),
      ],
    },
    tables: new Set([...tablesOf(), 'pgmigrations']),
    capitals: new Set(
      ['docs/*.md', 'src/**/*.ts', 'docker-compose.yml'].flatMap((pattern) =>
        globSync(pattern, { cwd: ROOT }).flatMap((file) => read(file).match(/\b[A-Z][A-Z\d]*(?:_[A-Z\d]+)+\b/g) ?? []),
      ),
    ),
    linksOf: (page) =>
      existsSync(join(FOLDER, `${page}.md`))
        ? [...read(`runbooks/${page}.md`).matchAll(/\]\(([\w-]+)\.md/g)].map(([, name = '']) => name)
        : [],
    exists: (path) => existsSync(join(ROOT, path)),
    anchorsOf,
  };
};
