import { once } from 'node:events';
import { createServer } from 'node:net';
import { pid } from 'node:process';

import { eventually } from './eventually.ts';

/** Each process has its own ports, so that a concurrent test can not take one while its server is restarted. */
const FIRST = 20_000 + (pid % 40) * 250;
const COUNT = 250;
let made = 0;

/**
 * A free TCP port of 127.0.0.1, another one at each call. It is below 32768, where the default range of ephemeral ports starts: an outgoing connection
 * of a concurrent test could take one of those before the server listens, or while it is restarted.
 */
export const freePort = (): Promise<number> =>
  eventually(async () => {
    const port = FIRST + (made % COUNT);
    made += 1;
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return port;
  });
