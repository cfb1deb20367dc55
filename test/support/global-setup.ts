import { makeSetup } from './make-setup.ts';
import { stores } from './native/supplies.ts';

/** PostgreSQL and Redis. */
export const setup = makeSetup([stores]);
