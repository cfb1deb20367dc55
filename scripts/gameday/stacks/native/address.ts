// Where the running stack of this checkout is found.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { isAlive } from '../only-one.ts';

export const FOLDER = join(import.meta.dirname, '../../../../.cache/gameday');
export const ADDRESS_FILE = join(FOLDER, 'stack.json');

export type Address = { readonly url: string; readonly token: string; readonly pid: number };
export type Request = { readonly command: string; readonly args: readonly string[] };
export type Reply = { readonly output: string; readonly failed: boolean };

/** Undefined when no stack is running. */
export const readAddress = (): Address | undefined => {
  try {
    const address = JSON.parse(readFileSync(ADDRESS_FILE, 'utf8')) as Address;
    return isAlive(address.pid) ? address : undefined;
  } catch {
    return undefined;
  }
};
