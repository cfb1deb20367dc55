// How a drill deploys a release with a defect: the program of the service, and a module that is loaded before it. The module is part of the setting, so
// that the image of the service stays as it is.

import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';

const urlOf = (module: string): string => {
  const source = stripTypeScriptTypes(readFileSync(join(import.meta.dirname, `${module}.ts`), 'utf8'));
  return `data:text/javascript,${encodeURIComponent(source.replaceAll(/ {2,}/g, ' '))}`;
};

/** @param flags of Node.js, besides. @returns the value of NODE_OPTIONS */
export const preloading = (module: 'blocked-loop' | 'growing-list', flags = ''): string =>
  `--import=${urlOf(module)} ${flags}`.trimEnd();
