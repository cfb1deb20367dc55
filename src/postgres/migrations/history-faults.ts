import type { Fault } from '../../errors/coded-error.ts';
import type { Applied } from './history.ts';
import type { MigrationFile } from './migration-file.ts';

const missing = (name: string): string =>
  `${name} was applied, but its file is missing. Restore ${name}.sql from version control.`;

const edited = (name: string): string =>
  `${name} was edited after it was applied. Restore the original file and put the change into a new migration.`;

const unrecorded = (name: string): string =>
  `${name} was applied without a checksum. Check that the file is what was applied, then run "baseline ${name}".`;

const outOfOrder = (name: string, later: string): string =>
  `${name} was not applied, but the later ${later} was. Give it the next free number.`;

const fault = (name: string, detail: string): Fault => ({ pointer: `/${name}`, detail });

/** Applied migrations that come after every file: the database belongs to a newer release. */
export const findNewer = (files: readonly MigrationFile[], applied: readonly Applied[]): string[] => {
  const last = files.at(-1)?.name ?? '';
  return applied.map(({ name }) => name).filter((name) => name > last);
};

/** The differences between the files and the history in the database, each with a sentence that says what to do. */
export const findHistoryFaults = (files: readonly MigrationFile[], applied: readonly Applied[]): Fault[] => {
  const fileOf = new Map(files.map((file) => [file.name, file]));
  const names = new Set(applied.map(({ name }) => name));
  const last = [...names].sort((a, b) => (a < b ? -1 : 1)).at(-1) ?? '';
  const ofApplied = applied.flatMap(({ name, sha256 }) => {
    const file = fileOf.get(name);
    if (file === undefined) return [fault(name, missing(name))];
    if (sha256 === undefined) return [fault(name, unrecorded(name))];
    return sha256 === file.sha256 ? [] : [fault(name, edited(name))];
  });
  const ofPending = files
    .filter(({ name }) => !names.has(name) && name < last)
    .map(({ name }) => fault(name, outOfOrder(name, last)));
  return [...ofApplied, ...ofPending];
};
