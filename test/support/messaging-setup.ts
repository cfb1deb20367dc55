import { makeSetup } from './make-setup.ts';
import { kafka, registry, stores } from './native/supplies.ts';

/** PostgreSQL, Redis, Kafka and a schema registry. */
export const setup = makeSetup([stores, kafka, registry]);
