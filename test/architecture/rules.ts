// The rules of the house, each a function from files to sentences. docs/adr/0001 says why the rooms are as they are.

import type { SourceFile } from './source-files.ts';

export type Rule = (files: readonly SourceFile[]) => string[];

const DOMAIN = ['users', 'auth', 'orders', 'idempotency'];
const ADAPTERS = ['postgres', 'redis', 'kafka', 'payments', 'embedded'];
const EDGES = ['http', 'consumers', 'outbox'];
const EVENT_PORTS = ['outbox', 'consumers'];
/** Everybody may use them, and they use nobody. */
const FREE = ['errors', 'uuid'];

/** What a room may import as values; `types` may be imported as types only (`import type`). */
const allowed = (room: string): { values: readonly string[]; types: readonly string[] } => {
  if (FREE.includes(room)) return { values: [], types: [] };
  if (DOMAIN.includes(room)) return { values: FREE, types: DOMAIN };
  if (EDGES.includes(room)) return { values: [...DOMAIN, ...FREE, 'observability'], types: EVENT_PORTS };
  if (ADAPTERS.includes(room)) return { values: [...FREE, 'observability'], types: [...DOMAIN, ...EVENT_PORTS] };
  if (room === 'observability') return { values: ['errors'], types: [...DOMAIN, ...EVENT_PORTS] };
  if (room === 'lifecycle' || room === 'config') return { values: ['errors'], types: ['observability'] };
  return { values: [], types: [] };
};

/** Adapters throw the domain's errors and make its documents, so these few files are open to them as values. */
const OPEN_FILES = /^(?:users|auth|orders|idempotency|outbox)\/(?:errors|user-document|order-document)\.ts$/;

/** Imports between rooms go one way: see the table in src/README.md. */
export const importsGoOneWay: Rule = (files) =>
  files
    .filter((file) => file.room !== 'bin')
    .flatMap((file) => {
      const { values, types } = allowed(file.room);
      return file.imports
        .filter(({ target, typeOnly }) => {
          const room = target.split('/')[0] ?? '';
          if (room === file.room || values.includes(room)) return false;
          if (!DOMAIN.includes(file.room) && OPEN_FILES.test(target) && types.includes(room)) return false;
          return !(typeOnly && types.includes(room));
        })
        .map(({ target }) => `${file.path} must not import ${target}`);
    });

/** No file reaches itself through value imports. */
export const noCycles: Rule = (files) => {
  const graph = new Map(files.map((f) => [f.path, f.imports.filter((i) => !i.typeOnly).map((i) => i.target)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.push(`${[...trail.slice(trail.indexOf(path)), path].join(' → ')} is a cycle`);
    if (done.has(path) || trail.includes(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
};

const environmentReaders = (file: SourceFile): boolean =>
  file.room === 'config' || file.path === 'observability/tracer.ts';

/** Only config/ reads the environment; the preloaded tracer reads `DD_*` because it runs before everything else. */
export const environmentIsReadInConfig: Rule = (files) =>
  files
    .filter((file) => /process\s*\.\s*env|\benv\b.*from 'node:process'/.test(file.text) && !environmentReaders(file))
    .map((file) => `${file.path} reads the environment; take the value from config/`);

const STATEMENTS = [
  /\bSELECT\s[^;]{1,400}\sFROM\s/,
  /\bINSERT\s+INTO\s/,
  /\bUPDATE\s+\w+\s+SET\s/,
  /\bDELETE\s+FROM\s/,
  /\bCREATE\s+(?:TABLE|ROLE|INDEX)\s/,
];

/** SQL stands beside the function that runs it, in postgres/. */
export const sqlStaysInPostgres: Rule = (files) =>
  files
    .filter((file) => file.room !== 'postgres' && STATEMENTS.some((statement) => statement.test(file.text)))
    .map((file) => `${file.path} holds SQL; only postgres/ and migrations/ do`);

const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/^export default /m, 'has a default export'],
  [/^(?:export )?(?:const )?enum /m, 'has an enum'],
  [/^(?:export )?namespace /m, 'has a namespace'],
  [/^export \* from /m, 'is a barrel: it exports what another file made'],
  [/\b(?:TODO|FIXME)\b(?!\(#\d+\))/, 'has a TODO without an issue number'],
];
const BANNED_NAMES = /(?:^|\/)(?:utils?|helpers?|common|shared|managers?|impl|index)(?:\/|\.ts$)/;

/** One file, one idea, at most 200 lines, and a name that says what it holds. */
export const filesKeepTheirShape: Rule = (files) =>
  files.flatMap((file) => [
    ...SHAPES.filter(([pattern]) => pattern.test(file.text)).map(([, fault]) => `${file.path} ${fault}`),
    ...(BANNED_NAMES.test(file.path) ? [`${file.path} has a name that says nothing`] : []),
    ...(file.text.split('\n').length > 201 ? [`${file.path} is longer than 200 lines`] : []),
    ...(file.path.split('/').length > 3 ? [`${file.path} is more than two folders deep`] : []),
  ]);
