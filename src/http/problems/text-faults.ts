// Values that no field of any body may have, whatever its schema allows.

import type { Fault } from '../../errors/coded-error.ts';
import { MAX_FAULTS } from '../errors.ts';

const MAX_DEPTH = 8;
/** Of the values in a body, those in objects and lists of any depth: many times what the largest body has, few enough to validate. */
const MAX_VALUES = 100;
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

type Place = { readonly value: unknown; readonly pointer: string; readonly depth: number };

const ownFault = ({ value, depth }: Place): string | undefined => {
  if (typeof value === 'string') return textFault(value);
  return typeof value === 'object' && value !== null && depth === MAX_DEPTH ? 'is nested too deeply' : undefined;
};

/** Each value of a body once, an object or list before its members. Members of a fault are not visited. */
function* findFaults(place: Place): Generator<Fault | undefined> {
  const { value, pointer, depth } = place;
  const detail = ownFault(place);
  yield detail === undefined ? undefined : { pointer, detail };
  if (detail !== undefined || typeof value !== 'object' || value === null) return;
  for (const name of Object.keys(value)) {
    const member = {
      // eslint-disable-next-line security/detect-object-injection -- an own key
      value: (value as Record<string, unknown>)[name],
      pointer: `${pointer}/${escapePointer(name)}`,
      depth: depth + 1,
    };
    const fault = nameFault(name);
    if (fault === undefined) yield* findFaults(member);
    else yield { pointer: member.pointer, detail: fault };
  }
}

/**
 * NUL bytes (PostgreSQL stores none), lone surrogates (not Unicode), prototype names, deep nesting and too many values, each with its pointer.
 * Stops at the first 20.
 */
export const findTextFaults = (value: unknown): Fault[] => {
  const faults: Fault[] = [];
  let visited = 0;
  for (const fault of findFaults({ value, pointer: '', depth: 0 })) {
    visited += 1;
    if (fault !== undefined) faults.push(fault);
    if (faults.length === MAX_FAULTS) return faults;
    if (visited > MAX_VALUES)
      return [...faults, { pointer: '', detail: `must not contain more than ${MAX_VALUES} values` }];
  }
  return faults;
};
