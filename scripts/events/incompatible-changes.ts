// Describes incompatible changes and what to do instead. A published version never changes, so each sentence is about the newer one.

import type { Type } from 'avsc';

import { findDifferences, partsOf, type Difference } from './compatibility.ts';
import type { Version } from './contract.ts';

type Missing = Extract<Difference, { kind: 'missing-field' }>;
const isMissing = (difference: Difference): difference is Missing => difference.kind === 'missing-field';

const shown = (type: Type): string => JSON.stringify(type).replace(/^"(.*)"$/, '$1');
const recordOf = (path: string): string => path.split('.').slice(0, -1).join('.');

type Names = { readonly older: string; readonly newer: string };

const added = (field: Missing, { newer, older }: Names): string =>
  `adds "${field.path}" without a default: give it one, so that ${newer} can read what ${older} wrote.`;

const removed = (field: Missing, { older }: Names): string =>
  `removes "${field.path}", which has no default in ${older}: keep it, readers of ${older} need it.`;

const renamed = ({ from, to }: Renamed, { older }: Names): string =>
  `renames "${from}" to "${to}": keep "${from}", readers of ${older} look for it, with or without an alias; add "${to}" with a default beside it.`;

const explain = (difference: Difference, { older, newer }: Names, newerReads: boolean): string => {
  const what = difference.path === '' ? 'the event' : `"${difference.path}"`;
  switch (difference.kind) {
    case 'missing-field':
      return newerReads ? added(difference, { older, newer }) : removed(difference, { older, newer });
    case 'other-name':
      return `renames the type of ${what}: keep its name, readers of ${older} look for it, with or without an alias; another event gets a folder of its own.`;
    case 'unknown-symbol':
      return newerReads
        ? `removes the symbol ${difference.symbol} of ${what}, whose enum has no default: keep it, ${older} wrote it.`
        : `adds the symbol ${difference.symbol} to ${what}, whose enum has no default in ${older}: readers of ${older} can't read it; add a field with a default instead.`;
    case 'other-type': {
      const [from, to] = newerReads ? [difference.writer, difference.reader] : [difference.reader, difference.writer];
      return `changes the type of ${what} from ${shown(from)} to ${shown(to)}: keep it, ${older} and ${newer} must read each other; add a field with a default instead.`;
    }
  }
};

type Renamed = { readonly from: string; readonly to: string };

/** A removed field, and the field of the same record that has its name as an alias, or was added with its type. */
const findRenamed = (gone: readonly Missing[], came: readonly Missing[], newer: Type): Renamed[] =>
  gone.flatMap(({ path: from, type }) => {
    const alias = partsOf(newer).fields.find(({ aliases }) => aliases.includes(from))?.name;
    const like = came.find((field) => recordOf(field.path) === recordOf(from) && shown(field.type) === shown(type));
    const to = alias ?? like?.path;
    return to === undefined ? [] : [{ from, to }];
  });

/** Sentences about incompatible changes, to follow the path of `newer`; empty when both read each other. */
export const findIncompatibleChanges = (older: Version, newer: Version): string[] => {
  const names = { older: `v${older.number}`, newer: `v${newer.number}` };
  const forward = findDifferences(newer.type, older.type);
  const backward = findDifferences(older.type, newer.type);
  const renames = findRenamed(backward.filter(isMissing), forward.filter(isMissing), newer.type);
  const isRenamed = (difference: Difference): boolean =>
    isMissing(difference) && renames.some(({ from, to }) => [from, to].includes(difference.path));
  const sentences = [
    ...renames.map((rename) => renamed(rename, names)),
    ...forward.filter((one) => !isRenamed(one)).map((one) => explain(one, names, true)),
    ...backward.filter((one) => !isRenamed(one)).map((one) => explain(one, names, false)),
  ];
  return [...new Set(sentences)];
};
