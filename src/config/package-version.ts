import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Beside src/ in a checkout, beside dist/ in a build. */
const PACKAGE_JSON = join(import.meta.dirname, '../../package.json');

/** The version in package.json; undefined when the file is not there. */
export const packageVersion = (): string | undefined => {
  try {
    return (JSON.parse(readFileSync(PACKAGE_JSON, 'utf8')) as { version?: string }).version;
  } catch {
    return undefined;
  }
};
