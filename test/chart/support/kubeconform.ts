import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { env } from 'node:process';

import { variable } from '../../../src/config/environment.ts';

const SCHEMAS = join(import.meta.dirname, '../schemas');

/** Validates in strict mode against the schemas of the Kubernetes API. @returns one line per error, or an empty string */
export const kubeconform = async (text: string): Promise<string> => {
  const location = `${SCHEMAS}/{{.ResourceKind}}{{.KindSuffix}}.json`;
  const child = execFile(variable(env, 'KUBECONFORM') ?? 'kubeconform', ['-strict', '-schema-location', location, '-']);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: string) => (output += part));
  child.stdin?.end(text);
  await once(child, 'close');
  return output;
};
