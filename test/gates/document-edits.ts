// Edits of the YAML documents in base/, so that a violation is a few lines of its test.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Document, parse } from 'yaml';

/** Keys from the root; a number is an index of a list. */
type Path = readonly (string | number)[];

export type DocumentEdit = (document: Document) => void;

/** Sets or replaces a value; missing parents are created. */
export const set =
  (path: Path, value: unknown): DocumentEdit =>
  (document) => {
    document.setIn(path, document.createNode(value));
  };

/** Appends a value to a list. */
export const add =
  (path: Path, value: unknown): DocumentEdit =>
  (document) => {
    document.addIn(path, value);
  };

export const remove =
  (path: Path): DocumentEdit =>
  (document) => {
    if (!document.deleteIn(path)) throw new Error(`The base document has no ${path.join('.')}.`);
  };

/** Gives the value another key. */
export const rename =
  (path: Path, key: string): DocumentEdit =>
  (document) => {
    const value = document.getIn(path, true);
    remove(path)(document);
    document.setIn([...path.slice(0, -1), key], value);
  };

/** Anchors are expanded first, so that an edit changes one place. */
export const editDocument = (base: string, ...edits: readonly DocumentEdit[]): Document => {
  const text = readFileSync(join(import.meta.dirname, 'base', base), 'utf8');
  const document = new Document(JSON.parse(JSON.stringify(parse(text, { merge: true }))));
  for (const edit of edits) edit(document);
  return document;
};
