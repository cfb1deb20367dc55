// The architecture rules, each a function from source files to the sentences that describe its violations.
// docs/adr/0001 says why the modules are as they are.

import type { SourceFile } from './source-files.ts';

export type Rule = (files: readonly SourceFile[]) => string[];

/** Each entry is a module (`users`) or one file of a module (`users/errors.ts`). */
type Imports = {
  readonly values: readonly string[];
  /** With `import type` only. */
  readonly types: readonly string[];
};

export const DOMAIN = ['users', 'auth', 'orders', 'idempotency'];
/** Adapters throw these errors and build these representations. The rest of the domain they see as types. */
export const DOMAIN_ERRORS = DOMAIN.map((module) => `${module}/errors.ts`);
export const DOMAIN_REPRESENTATIONS = ['users/user-representation.ts', 'orders/order-representation.ts'];

const BASE = ['errors', 'uuid'];
const INNER = [...DOMAIN, ...BASE, 'messaging', 'rate-limit', 'resilience', 'observability'];
const ADAPTER = [...DOMAIN_ERRORS, ...DOMAIN_REPRESENTATIONS, ...BASE, 'messaging', 'resilience', 'observability'];
const BROKER = ['errors', 'messaging', 'resilience', 'observability'];

const MODULES = {
  // the content of a secret or a list is parsed by the module that uses it
  config: {
    values: [
      'errors',
      'resilience',
      'faults',
      'auth/clients.ts',
      'auth/tokens/key-set.ts',
      'auth/tokens/published-keys.ts',
      'messaging/topics.ts',
      'postgres/credentials.ts',
    ],
    types: ['observability'],
  },
  lifecycle: { values: ['errors', 'resilience'], types: ['observability'] },
  observability: {
    values: ['errors', 'resilience', 'config/environment.ts', 'config/package-version.ts'],
    types: [...DOMAIN, 'outbox', 'consumers'],
  },

  errors: { values: [], types: [] },
  uuid: { values: ['errors'], types: [] },
  resilience: { values: ['errors'], types: [] },
  'rate-limit': { values: ['errors'], types: [] },
  flags: { values: ['errors'], types: [] },
  paging: { values: BASE, types: [] },
  messaging: { values: ['errors'], types: DOMAIN },

  users: { values: [...BASE, 'paging'], types: [...DOMAIN, 'rate-limit'] },
  auth: { values: [...BASE, 'paging'], types: [...DOMAIN, 'rate-limit'] },
  orders: { values: [...BASE, 'paging'], types: [...DOMAIN, 'rate-limit'] },
  idempotency: { values: [...BASE, 'paging'], types: [...DOMAIN, 'rate-limit'] },

  http: { values: INNER, types: ['lifecycle'] },
  consumers: { values: INNER, types: ['lifecycle'] },
  outbox: { values: INNER, types: ['lifecycle'] },

  postgres: { values: ADAPTER, types: [...DOMAIN, 'outbox', 'consumers'] },
  redis: { values: ADAPTER, types: [...DOMAIN, 'rate-limit'] },
  payments: { values: ADAPTER, types: DOMAIN },
  embedded: { values: ADAPTER, types: DOMAIN },
  faults: { values: ['errors', 'messaging'], types: ['orders'] },
  kafka: { values: BROKER, types: [] },
  avro: { values: BROKER, types: [] },
} satisfies Record<string, Imports>;

/** What each module may import from other modules. The table of src/README.md says the same, and a test compares the two. */
export const MAY_IMPORT: ReadonlyMap<string, Imports> = new Map([
  ...Object.entries(MODULES),
  ['composition', { values: Object.keys(MODULES), types: [] }],
  ['bin', { values: [...Object.keys(MODULES), 'composition'], types: [] }],
]);

const permits = (entries: readonly string[], target: string): boolean =>
  entries.some((entry) => target === entry || target.startsWith(`${entry}/`));

/** Imports between modules go one way: a module imports only what its row of the table permits. */
export const importsGoOneWay: Rule = (files) =>
  files.flatMap(({ path, module, imports }) => {
    const { values = [], types = [] } = MAY_IMPORT.get(module) ?? {};
    return imports
      .filter(({ target, typeOnly }) => !permits([module, ...values, ...(typeOnly ? types : [])], target))
      .map(({ target }) => `${path} must not import ${target}`);
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
  file.module === 'config' || file.path === 'observability/tracer.ts';

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
    .filter((file) => file.module !== 'postgres' && STATEMENTS.some((statement) => statement.test(file.text)))
    .map((file) => `${file.path} holds SQL; only postgres/ and migrations/ do`);

const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/^export default /m, 'has a default export'],
  [/^(?:export )?(?:const )?enum /m, 'has an enum'],
  [/^(?:export )?namespace /m, 'has a namespace'],
  [/^export \* from /m, 'is a barrel: it exports what another file made'],
  [/\b(?:TODO|FIXME)\b(?!\(#\d+\))/, 'has a TODO without an issue number'],
];
const BANNED_NAMES = /(?:^|\/)(?:utils?|helpers?|common|shared|managers?|impl|index)(?:\/|\.ts$)/;

const MAX_LINES = 200;
const MAX_FOLDERS = 2;
/** A domain module has a file per use case, and http/ a file per concept that its folders share. Anything larger needs folders. */
const MAX_ENTRIES = 16;

/** Files and folders directly in each module. */
const crowdedModules = (files: readonly SourceFile[]): string[] =>
  [...Map.groupBy(files, ({ module }) => module)]
    .map(([module, own]) => ({ module, entries: new Set(own.map(({ path }) => path.split('/')[1])).size }))
    .filter(({ entries }) => entries > MAX_ENTRIES)
    .map(({ module, entries }) => `${module}/ has ${entries} entries, more than ${MAX_ENTRIES}: group them in folders`);

/** One file, one idea, at most 200 lines, a name that says what it holds, and modules whose listing can be read. */
export const filesKeepTheirShape: Rule = (files) => [
  ...files.flatMap((file) => [
    ...SHAPES.filter(([pattern]) => pattern.test(file.text)).map(([, fault]) => `${file.path} ${fault}`),
    ...(BANNED_NAMES.test(file.path) ? [`${file.path} has a name that says nothing`] : []),
    ...(file.text.split('\n').length > MAX_LINES + 1 ? [`${file.path} is longer than ${MAX_LINES} lines`] : []),
    ...(file.path.split('/').length > MAX_FOLDERS + 1 ? [`${file.path} is more than two folders deep`] : []),
  ]),
  ...crowdedModules(files),
];
