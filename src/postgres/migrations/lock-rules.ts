// Statements that block readers or writers of a table for as long as they scan, rewrite or change it. Each has a form that does not.

/* eslint-disable security/detect-unsafe-regex -- the texts are files of the repository, one short statement each */
import type { Fault } from '../../errors/coded-error.ts';
import type { MigrationFile } from './migration-file.ts';
import { splitStatements } from './split-statements.ts';

/** Released before the rules, and an applied file must not change. Its CHECK scans `users`: 0.3 s for 3 million rows. */
const ACCEPTED = new Set(['0002_add-user-name-and-version']);

type Rule = {
  readonly pattern: RegExp;
  /** The form that does not block. */
  readonly unless?: RegExp;
  readonly remedy: string;
};

const SCAN = 'scans the table. Add it NOT VALID, and VALIDATE it in a later migration.';
const BUILD = 'builds an index under a lock. Create the index CONCURRENTLY, and add the constraint USING INDEX.';
const REWRITE = 'rewrites the table. Add a plain column, and fill it in batches.';

// On upper-case text with single spaces. The first rule whose pattern matches decides.

/** For each action of ALTER TABLE. */
const ACTION_RULES: readonly Rule[] = [
  { pattern: /^ADD (?:CONSTRAINT \S+ )?(?:CHECK|FOREIGN KEY|NOT NULL)/, unless: / NOT VALID$/, remedy: SCAN },
  { pattern: /^ADD (?:CONSTRAINT \S+ )?(?:UNIQUE|PRIMARY KEY|EXCLUDE)/, unless: / USING INDEX /, remedy: BUILD },
  { pattern: /^ADD .*(?: CHECK ?\(| REFERENCES )/, remedy: `${SCAN} The column comes first, alone.` },
  { pattern: /^ADD .*(?: UNIQUE| PRIMARY KEY)/, remedy: BUILD },
  { pattern: /^ADD .* GENERATED /, unless: / VIRTUAL/, remedy: REWRITE },
  { pattern: /^ADD \S+ (?:\S+ )?(?:SMALL|BIG)?SERIAL\d?\b/, remedy: REWRITE },
  { pattern: /^ADD .* DEFAULT .*(?:UUID|RANDOM|CLOCK_TIMESTAMP|TIMEOFDAY|NEXTVAL)\w*\(/, remedy: REWRITE },
  { pattern: /^ALTER \S+ (?:\S+ )?(?:SET DATA )?TYPE /, remedy: `${REWRITE} (A longer VARCHAR does not.)` },
  { pattern: /^SET (?:TABLESPACE|LOGGED|UNLOGGED|ACCESS METHOD)/, remedy: REWRITE },
  { pattern: /^ATTACH PARTITION/, remedy: 'scans the partition, unless a valid CHECK has its bounds.' },
];

const BATCHES = 'locks all rows that it changes until its end. Use small batches with COMMIT, see 0004.';

const STATEMENT_RULES: readonly Rule[] = [
  { pattern: /^CREATE (?:UNIQUE )?INDEX /, unless: /CONCURRENTLY/, remedy: 'blocks writes. Use CONCURRENTLY.' },
  { pattern: /^(?:REINDEX|REFRESH) /, unless: /CONCURRENTLY/, remedy: 'blocks the table. Use CONCURRENTLY.' },
  { pattern: /^(?:VACUUM .*FULL|CLUSTER|LOCK|TRUNCATE)\b/, remedy: 'blocks the table while it runs.' },
  { pattern: /^(?:UPDATE|DELETE FROM|MERGE INTO) /, remedy: BATCHES },
];

const ALTER_TABLE = /^ALTER (?:TABLE|DOMAIN) (?:IF EXISTS )?(?:ONLY )?(\S+) /;
const CREATE_TABLE = /^CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?([\w."]+)/;
const INDEXED_TABLE = /^CREATE (?:UNIQUE )?INDEX .*? ON (?:ONLY )?([\w."]+)/;
const CHANGED_TABLE = /^(?:UPDATE|DELETE FROM|MERGE INTO|TRUNCATE(?: TABLE)?) (?:ONLY )?([\w."]+)/;
const SET_NOT_NULL = /^ALTER (?:COLUMN )?(\S+) SET NOT NULL/;
const VALIDATE = /^VALIDATE CONSTRAINT (\S+)/;
const DO_BLOCK = /^DO \$\$(.*)\$\$/;
const INSIDE_A_BLOCK = /ALTER TABLE .*|CREATE (?:UNIQUE )?INDEX .*|UPDATE .*|DELETE FROM .*/;

const normalize = (statement: string): string =>
  statement
    .replaceAll(/'[^']*'/g, "''")
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toUpperCase();

/** Batches with COMMIT may change rows. */
const inBlock = (body: string): string[] => {
  const statements = splitStatements(body).flatMap((text) => INSIDE_A_BLOCK.exec(text)?.[0] ?? []);
  return body.includes('COMMIT') ? statements.filter((text) => !CHANGED_TABLE.test(text)) : statements;
};

const statementsOf = (sql: string): string[] =>
  splitStatements(sql)
    .map(normalize)
    .flatMap((text) => inBlock(DO_BLOCK.exec(text)?.[1] ?? '').concat(DO_BLOCK.test(text) ? [] : [text]));

/** Split at the commas that are in no parentheses. */
const actionsOf = (alterTable: string): string[] => {
  const actions = [''];
  let depth = 0;
  for (const character of alterTable.replace(ALTER_TABLE, '')) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === ',' && depth === 0) actions.push('');
    else actions.push(`${actions.pop() ?? ''}${character}`);
  }
  return actions.map((action) => action.trim());
};

const tableOf = (statement: string): string | undefined =>
  [ALTER_TABLE, INDEXED_TABLE, CHANGED_TABLE].map((pattern) => pattern.exec(statement)?.[1]).find(Boolean);

const remediesOf = (text: string, rules: readonly Rule[]): string[] => {
  const rule = rules.find(({ pattern }) => pattern.test(text));
  return rule === undefined || rule.unless?.test(text) === true ? [] : [rule.remedy];
};

type Surroundings = {
  readonly earlier: readonly string[];
  readonly own: readonly string[];
  readonly file: MigrationFile;
};

/** True when an earlier migration has validated that the column has no NULL. */
const isProven = (column: string, earlier: readonly string[]): boolean =>
  earlier.some((text) => {
    const [, name] = /ADD CONSTRAINT (\S+) CHECK ?\( ?(\S+) IS NOT NULL ?\)/.exec(text) ?? [];
    return (
      text.includes(`(${column} IS NOT NULL`) && earlier.some((t) => t.endsWith(`VALIDATE CONSTRAINT ${name ?? ''}`))
    );
  });

const actionRemedies = (action: string, { earlier, own, file }: Surroundings): string[] => {
  const column = SET_NOT_NULL.exec(action)?.[1];
  if (column !== undefined && !isProven(column, earlier))
    return [
      'scans the table. Before it, VALIDATE in an earlier migration a CHECK (… IS NOT NULL) that was added NOT VALID.',
    ];
  const constraint = VALIDATE.exec(action)?.[1];
  if (
    constraint !== undefined &&
    file.inTransaction &&
    own.some((text) => text.includes(`ADD CONSTRAINT ${constraint} `))
  )
    return ['scans under the lock of ADD CONSTRAINT. Put it into a later migration.'];
  return remediesOf(action, ACTION_RULES);
};

const faultsOf = (surroundings: Surroundings): Fault[] => {
  const { own, file } = surroundings;
  const created = new Set(own.map((text) => CREATE_TABLE.exec(text)?.[1]));
  const fault = (text: string) => (remedy: string) => ({
    pointer: `/${file.name}`,
    detail: `${file.name}: ${text.slice(0, 70)} … ${remedy}`,
  });
  return own
    .filter((text) => !created.has(tableOf(text)) || tableOf(text) === undefined)
    .flatMap((text) =>
      ALTER_TABLE.test(text)
        ? actionsOf(text).flatMap((action) => actionRemedies(action, surroundings).map(fault(action)))
        : remediesOf(text, STATEMENT_RULES).map(fault(text)),
    );
};

/**
 * A fault for each statement of `-- Up Migration` that blocks callers for long, except on a table that the same file creates. A file
 * is exempt with a comment `-- accepted lock: <reason>`, for example because its table is small.
 */
export const findLockFaults = (files: readonly MigrationFile[]): Fault[] =>
  files.flatMap((file, place) => {
    if (ACCEPTED.has(file.name) || file.acceptsLocks) return [];
    const earlier = files.slice(0, place).flatMap(({ up }) => statementsOf(up));
    return faultsOf({ earlier, own: statementsOf(file.up), file });
  });
