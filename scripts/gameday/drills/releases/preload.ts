// How a drill deploys a release with a defect: the program of the service, and a module that is loaded before it.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** @param flags of Node.js, besides. @returns the value of NODE_OPTIONS */
export const preloading = (module: 'blocked-loop' | 'growing-list', flags = ''): string =>
  `--import=${pathToFileURL(join(import.meta.dirname, `${module}.ts`)).href} ${flags}`.trimEnd();
