// Redocly's rules for any OpenAPI document: is it valid, does each example fit its schema, does each reference lead somewhere.

import { createConfig, lintFromString } from '@redocly/openapi-core';

const RULES = {
  'no-invalid-media-type-examples': 'error',
  'no-invalid-parameter-examples': 'error',
  'no-invalid-schema-examples': 'error',
  'operation-operationId-unique': 'error',
  // the fixtures are small: what these ask for is asked for by openapi-rules.ts, or is not for them
  'info-license': 'off',
  'no-unused-components': 'off',
} as const;

/** Sentences, each with the place that it is about. */
export const lintOpenApi = async (source: string): Promise<string[]> => {
  const config = await createConfig({ extends: ['recommended'], rules: RULES });
  const faults = await lintFromString({ source, config });
  return faults.map(({ message, location: [place] }) => `${place?.pointer ?? '#'}: ${message}`);
};
