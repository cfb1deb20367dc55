// Who may connect to whom. The tables of docs/delivery.md are the expectation; a cell that is not in them is forbidden.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = join(import.meta.dirname, '../../../docs/delivery.md');

/** One connection that is tried, and whether the page allows it. */
export type Cell = { readonly from: string; readonly to: string; readonly port: number; readonly allowed: boolean };

type Target = { readonly to: string; readonly port: number };

/** Pods of the release by the column of the page. */
const COLUMNS: Readonly<Record<string, string>> = {
  api: 'api',
  relay: 'relay',
  worker: 'worker',
  migration: 'migrate',
  journey: 'journey',
  health: 'health',
  callers: 'caller',
  monitoring: 'monitoring',
  'any other pod': 'stranger',
};

const PROCESSES = ['api', 'relay', 'worker'];

/** What is connected to, by the row of the page. */
const ROWS: Readonly<Record<string, readonly Target[]>> = {
  DNS: [{ to: 'dns', port: 53 }],
  PostgreSQL: [{ to: 'postgres', port: 5432 }],
  Redis: [{ to: 'redis', port: 6379 }],
  Kafka: [{ to: 'kafka', port: 9092 }],
  'schema registry': [{ to: 'schema-registry', port: 8085 }],
  'Datadog (agent or intake)': [{ to: 'datadog', port: 8126 }],
  'api, port 8080': [{ to: 'api', port: 8080 }],
  'port 8081 of api, relay and worker': PROCESSES.map((to) => ({ to, port: 8081 })),
};

/** Ports on which every probe pod listens: a dependency's port must be closed at a pod that is not that dependency. */
export const PORTS = [5432, 6379, 8080, 8081, 8085, 8126, 9092];

/** Pods of the release: `app.kubernetes.io/component`. */
export const COMPONENTS = ['api', 'relay', 'worker', 'migrate', 'journey', 'health'];
/** Pods outside of the release, named in the values of the chart as peers, except `stranger`. */
export const PEERS = ['caller', 'monitoring', 'postgres', 'redis', 'kafka', 'schema-registry', 'datadog', 'stranger'];

const cellsOfRow = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

const lookUp = <T>(table: Readonly<Record<string, T>>, key: string): T => {
  const found = new Map(Object.entries(table)).get(key);
  if (found === undefined)
    throw new Error(`docs/delivery.md has "${key}" in a network table: cells.ts does not know it.`);
  return found;
};

/** `from→to:port` of each cell with "yes". */
const allowedBy = (page: string): Set<string> => {
  const allowed = new Set<string>();
  let columns: string[] = [];
  for (const line of page.split('\n')) {
    const [row = '', ...cells] = cellsOfRow(line);
    if (row === 'to ↓ from →') columns = cells.map((name) => lookUp(COLUMNS, name));
    else if (!line.startsWith('|')) columns = [];
    else if (columns.length > 0 && !row.startsWith('-')) {
      const froms = columns.filter((_, index) => cells.at(index) === 'yes');
      for (const { to, port } of lookUp(ROWS, row)) for (const from of froms) allowed.add(`${from}→${to}:${port}`);
    }
  }
  if (allowed.size === 0) throw new Error('docs/delivery.md has no network table.');
  return allowed;
};

const describeCell = ({ from, to, port }: Omit<Cell, 'allowed'>): string => `${from}→${to}:${port}`;

/**
 * All connections to try: from each pod of the release, and from each kind of pod outside of it, to each target of the page; from the pods of the
 * release also to the port of each dependency at a pod that is not a dependency.
 */
export const readCells = (page = readFileSync(PAGE, 'utf8')): Cell[] => {
  const allowed = allowedBy(page);
  const targets = Object.values(ROWS).flat();
  const inRelease = new Set(COMPONENTS);
  const ofRelease = COMPONENTS.flatMap((from) => [
    ...targets.map((target) => ({ from, ...target })),
    ...targets.filter(({ to }) => PEERS.includes(to)).map(({ port }) => ({ from, to: 'stranger', port })),
  ]);
  const ofOthers = ['caller', 'monitoring', 'stranger'].flatMap((from) =>
    targets.filter(({ to }) => inRelease.has(to)).map((target) => ({ from, ...target })),
  );
  return [...ofRelease, ...ofOthers]
    .filter(({ from, to }) => from !== to) // a pod always reaches itself
    .map((cell) => ({ ...cell, allowed: allowed.has(describeCell(cell)) }));
};

/** @returns one line for each cell that is not as expected; `connects` has the cells in which a connection was made */
export const findDifferences = (cells: readonly Cell[], connects: ReadonlySet<string>): string[] =>
  cells.flatMap((cell) => {
    const name = describeCell(cell);
    if (connects.has(name) === cell.allowed) return [];
    return [cell.allowed ? `${name} is allowed, but does not connect` : `${name} is forbidden, but connects`];
  });
