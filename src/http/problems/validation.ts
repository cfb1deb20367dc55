// A schema decides the shape of a request: which fields, of which types, and no others. What a value must look like (lengths,
// patterns, formats) is the domain's rule: it reports all of them at once, and schemas only tell readers of the document.

import type { FastifyInstance, FastifyServerOptions, FastifySchemaValidationError } from 'fastify';

import type { Fault } from '../../errors/coded-error.ts';
import { HttpError } from '../errors.ts';
import { escapePointer } from '../text-faults.ts';

const TOLD_ONLY = ['minLength', 'maxLength', 'pattern', 'format'];

export const AJV: NonNullable<FastifyServerOptions['ajv']> = {
  customOptions: { allErrors: true, coerceTypes: false, useDefaults: false, removeAdditional: false },
  onCreate: (ajv) => {
    for (const keyword of TOLD_ONLY) ajv.removeKeyword(keyword).addKeyword(keyword);
  },
};

type Params = FastifySchemaValidationError['params'];

const typeDetail = ({ type }: Params): string => {
  const name = String(type);
  return `must be ${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
};

/** What is wrong, for the keywords whose message in ajv doesn't fit behind a pointer. */
const DETAILS: ReadonlyMap<string, (params: Params) => string> = new Map([
  ['required', () => 'is required'],
  ['additionalProperties', () => 'is not known here'],
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

export const addValidation = (app: FastifyInstance): void => {
  app.setSchemaErrorFormatter((errors, part) => {
    const faults = errors.map(toFault);
    return new HttpError(
      'REQUEST_INVALID',
      `The ${part === 'querystring' ? 'query' : part} does not have the expected shape.`,
      { faults },
    );
  });
};
