// A schema decides the shape of a request: which fields, of which types, and no others. Constraints on values (lengths,
// patterns, formats) are rules of the domain, which reports all of them at once; in schemas they are documentation only.

import type { FastifySchemaValidationError, FastifyServerOptions } from 'fastify';

import type { Fault } from '../../errors/coded-error.ts';
import { HttpError, MAX_FAULTS } from '../errors.ts';
import { escapePointer } from './text-faults.ts';

const DOCUMENTATION_ONLY = ['minLength', 'maxLength', 'pattern', 'format'];

export const AJV: NonNullable<FastifyServerOptions['ajv']> = {
  customOptions: { allErrors: true, coerceTypes: false, useDefaults: false, removeAdditional: false },
  onCreate: (ajv) => {
    for (const keyword of DOCUMENTATION_ONLY) ajv.removeKeyword(keyword).addKeyword(keyword);
  },
};

type Params = FastifySchemaValidationError['params'];

const typeDetail = ({ type }: Params): string => {
  const name = String(type);
  return `must be ${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
};

/** Details for the keywords whose message in ajv doesn't read well after a pointer. */
const DETAILS: ReadonlyMap<string, (params: Params) => string> = new Map([
  ['required', () => 'is required'],
  ['additionalProperties', () => 'is not a known field'],
  ['minProperties', () => 'must have at least one field'],
  ['const', ({ allowedValue }: Params) => `must be ${JSON.stringify(allowedValue)}`],
  ['type', typeDetail],
]);

/** These two are reported at the object; the fault is the field. */
const fieldOf = ({ missingProperty, additionalProperty }: Params): string | undefined =>
  (missingProperty ?? additionalProperty) as string | undefined;

const toFault = ({ keyword, instancePath, params, message }: FastifySchemaValidationError): Fault => {
  const field = fieldOf(params);
  return {
    pointer: field === undefined ? instancePath : `${instancePath}/${escapePointer(field)}`,
    detail: DETAILS.get(keyword)?.(params) ?? message ?? 'is not valid',
  };
};

/** For `setSchemaErrorFormatter`: one error that names the fields, at most 20. */
export const toValidationError = (errors: FastifySchemaValidationError[], part: string): HttpError =>
  new HttpError('REQUEST_INVALID', `The ${part === 'querystring' ? 'query' : part} does not have the expected shape.`, {
    faults: errors.slice(0, MAX_FAULTS).map(toFault),
  });
