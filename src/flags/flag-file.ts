// The content of the flag file: one JSON object, `{ "accept-orders": false }`. A flag that it does not name has its default. Content that breaks
// a rule is refused as a whole, so that a misspelled name never means "default".

import { CodedError } from '../errors/coded-error.ts';
import { definitionOf, FLAG_KEYS, type FlagDefinition, type FlagKey } from './definitions.ts';

export type FlagValue = boolean | number;
/** Only the flags that the file names. */
export type FlagValues = ReadonlyMap<FlagKey, FlagValue>;

/** The content of a file that says nothing. */
export const NO_FLAGS = '{}';
export const MAX_FLAG_FILE_BYTES = 65_536;

const invalid = (detail: string): CodedError => new CodedError('FLAGS_INVALID', detail);

const isKey = (name: string): name is FlagKey => (FLAG_KEYS as readonly string[]).includes(name);

/** What a valid value is; follows "must be". */
export const expectedOf = (definition: FlagDefinition): string =>
  definition.type === 'boolean' ? 'true or false' : `an integer from ${definition.minimum} to ${definition.maximum}`;

const isValue = (definition: FlagDefinition, value: unknown): value is FlagValue => {
  if (definition.type === 'boolean') return typeof value === 'boolean';
  const { minimum, maximum } = definition;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum && value <= maximum;
};

const objectOf = (text: string): object => {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw invalid('is not JSON'); // the parser's message quotes the content
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw invalid('must be one JSON object');
  return content;
};

/** A name in the message only when it looks like one: anything may stand in the file, and the message is logged. */
const quoted = (name: string): string => (/^[\w.-]{1,64}$/.test(name) ? `"${name}"` : 'whose name is not one');

/**
 * @param text the content of the file
 * @throws CodedError FLAGS_INVALID, whose message continues a sentence that begins with the name of the setting
 */
export const parseFlagFile = (text: string): FlagValues => {
  const values = Object.entries(objectOf(text)).map(([name, value]: [string, unknown]) => {
    if (!isKey(name)) throw invalid(`has a flag ${quoted(name)}, which does not exist`);
    const definition = definitionOf(name);
    if (!isValue(definition, value)) throw invalid(`has "${name}", which must be ${expectedOf(definition)}`);
    return [name, value] as const;
  });
  return new Map(values);
};
