import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { env } from 'node:process';

import { variable } from '../../src/config/environment.ts';
import { eventually } from './eventually.ts';

/** Test files that run at the same time have other numbers, from 1; what starts the servers of a run has none. https://vitest.dev/config/ */
const worker = Number(variable(env, 'VITEST_POOL_ID') ?? '0');
/** Each worker has its own, so that no other test takes the port of a server that is about to start, or that is restarted. */
const RANGE = 2500;
const FIRST = 20_000 + (worker % 4) * RANGE;
let next = randomInt(RANGE);

/**
 * A free TCP port of 127.0.0.1, another one at each call. It is below 32768, where the default range of ephemeral ports starts: an outgoing connection
 * of a concurrent test could take one of those before the server listens, or while it is restarted.
 */
export const freePort = (): Promise<number> =>
  eventually(async () => {
    const port = FIRST + next;
    next = (next + 1) % RANGE;
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return port;
  });
