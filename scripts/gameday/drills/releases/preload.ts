// How a drill deploys a release with a defect: the program of the service, and a module that is loaded before it.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const urlOf = (module: string): string => pathToFileURL(join(import.meta.dirname, `${module}.ts`)).href;

/** @param flags of Node.js, besides. @returns the value of NODE_OPTIONS */
export const preloading = (module: 'blocked-loop' | 'growing-list', flags = ''): string =>
  `--import=${urlOf(module)} ${flags}`.trimEnd();
