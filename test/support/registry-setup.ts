import { makeSetup } from './make-setup.ts';
import { registry } from './native/supplies.ts';

/** A schema registry. The tests start the other servers themselves, with their certificates. */
export const setup = makeSetup([registry]);
