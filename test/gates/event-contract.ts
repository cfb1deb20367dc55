// Edits of the contract in base/events, and the edited contract as a temporary folder.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { parse, stringify } from 'yaml';

import type { Policy } from '../../src/avro/schemas.ts';

type Field = { readonly name: string; readonly type: unknown; readonly doc?: string; readonly default?: unknown };
type Schema = { readonly fields: readonly Field[] };
type Contract = {
  readonly policy: Policy;
  /** By path: `user-registered/v1.avsc`. */
  readonly schemas: ReadonlyMap<string, Schema>;
};
type SchemaEdit = (schema: Schema) => Schema;

export type ContractEdit = (contract: Contract) => Contract;

const base = join(import.meta.dirname, 'base/events');
const V1 = 'user-registered/v1.avsc';
const TOPIC = 'user-service.users.v1';

const BASE: Contract = {
  policy: parse(readFileSync(join(base, 'policy.yaml'), 'utf8')) as Policy,
  schemas: new Map([[V1, JSON.parse(readFileSync(join(base, V1), 'utf8')) as Schema]]),
};

const apply = <T>(edits: readonly ((value: T) => T)[], value: T): T =>
  edits.reduce((edited, edit) => edit(edited), value);

const found = <T>(value: T | undefined, name: string): T => {
  if (value === undefined) throw new Error(`The base contract has no ${name}.`);
  return value;
};

/** Properties that are undefined in `change` are removed. */
export const changeRecord =
  (change: object): SchemaEdit =>
  (schema) => ({ ...schema, ...change });

export const addField =
  (name: string, type: unknown, rest: object = {}): SchemaEdit =>
  (schema) => ({ ...schema, fields: [...schema.fields, { name, type, doc: 'What it holds.', ...rest }] });

const fieldOf = ({ fields }: Schema, name: string): Field =>
  found(
    fields.find((field) => field.name === name),
    `field ${name}`,
  );

export const changeField =
  (name: string, change: object): SchemaEdit =>
  (schema) => {
    const field = fieldOf(schema, name);
    return { ...schema, fields: schema.fields.with(schema.fields.indexOf(field), { ...field, ...change }) };
  };

export const removeField =
  (name: string): SchemaEdit =>
  ({ fields, ...schema }) => ({ ...schema, fields: fields.filter((field) => field.name !== name) });

/** Changes the record that is the type of a field. */
export const changeInner =
  (name: string, ...edits: readonly SchemaEdit[]): SchemaEdit =>
  (schema) =>
    changeField(name, { type: apply(edits, fieldOf(schema, name).type as Schema) })(schema);

/** Adds a file: v1 of the base with edits. */
export const addFile =
  (path: string, ...edits: readonly SchemaEdit[]): ContractEdit =>
  ({ policy, schemas }) => ({
    policy,
    schemas: new Map(schemas).set(path, apply(edits, found(schemas.get(V1), V1))),
  });

/** Edits v1, the only version of the base. */
export const firstVersion = (...edits: readonly SchemaEdit[]): ContractEdit => addFile(V1, ...edits);

/** Publishes another version: the newest one with edits. */
export const nextVersion =
  (...edits: readonly SchemaEdit[]): ContractEdit =>
  ({ policy, schemas }) => {
    const newest = found([...schemas.values()].at(-1), 'version');
    const path = `user-registered/v${schemas.size + 1}.avsc`;
    return { policy, schemas: new Map(schemas).set(path, apply(edits, newest)) };
  };

export const removeFile =
  (path: string): ContractEdit =>
  ({ policy, schemas }) => ({ policy, schemas: new Map([...schemas].filter(([name]) => name !== path)) });

export const changePolicy =
  (change: Partial<Policy>): ContractEdit =>
  ({ policy, schemas }) => ({ policy: { ...policy, ...change }, schemas });

/** Replaces the events that the topic of the base lists. */
export const listEvents = (...events: readonly string[]): ContractEdit =>
  changePolicy({ topics: { [TOPIC]: { key: 'userId', events } } });

const write = (directory: string, { policy, schemas }: Contract): void => {
  writeFileSync(join(directory, 'policy.yaml'), stringify(policy));
  for (const [path, schema] of schemas) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), JSON.stringify(schema));
  }
};

/** Writes the edited contract to a temporary folder, and removes it when `use` has returned. */
export const withContract = <T>(edits: readonly ContractEdit[], use: (directory: string) => T): T => {
  const directory = mkdtempSync(join(tmpdir(), 'event-contract-'));
  try {
    write(directory, apply(edits, BASE));
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
};
