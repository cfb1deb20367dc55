// Redocly's rules for any OpenAPI document: it is valid, each example matches its schema, each reference resolves.

import { createConfig, lintFromString } from '@redocly/openapi-core';

const RULES = {
  'no-invalid-media-type-examples': 'error',
  'no-invalid-parameter-examples': 'error',
  'no-invalid-schema-examples': 'error',
  'operation-operationId-unique': 'error',
  // the base document has no license, and the published one declares examples that no operation uses
  'info-license': 'off',
  'no-unused-components': 'off',
} as const;

/** Sentences, each with the JSON pointer of its place. */
export const lintOpenApi = async (source: string): Promise<string[]> => {
  const config = await createConfig({ extends: ['recommended'], rules: RULES });
  const faults = await lintFromString({ source, config });
  return faults.map(({ message, location: [place] }) => `${place?.pointer ?? '#'}: ${message}`);
};
