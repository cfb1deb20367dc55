// Values that no field of any body may have, whatever its schema allows.

import type { Fault } from '../../errors/coded-error.ts';

const MAX_DEPTH = 8;
/** Names that change an object's prototype where it is merged or assigned carelessly. */
const POISON = new Set(['__proto__', 'constructor', 'prototype']);

/** RFC 6901 section 3. */
export const escapePointer = (name: string): string => name.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1');

const textFault = (text: string): string | undefined => {
  if (text.includes('\0')) return 'must not contain a NUL character';
  return text.isWellFormed() ? undefined : 'must not contain half of a surrogate pair';
};

const nameFault = (name: string): string | undefined =>
  POISON.has(name) ? 'is not a name that a field can have' : textFault(name);

/** NUL bytes (PostgreSQL stores none), lone surrogates (not Unicode), prototype names and deep nesting, each with its pointer. */
export const findTextFaults = (value: unknown, pointer = '', depth = 0): Fault[] => {
  if (typeof value === 'string') {
    const detail = textFault(value);
    return detail === undefined ? [] : [{ pointer, detail }];
  }
  if (typeof value !== 'object' || value === null) return [];
  if (depth === MAX_DEPTH) return [{ pointer, detail: 'is nested too deeply' }];
  return Object.entries(value).flatMap(([name, member]) => {
    const place = `${pointer}/${escapePointer(name)}`;
    const detail = nameFault(name);
    return detail === undefined ? findTextFaults(member, place, depth + 1) : [{ pointer: place, detail }];
  });
};
