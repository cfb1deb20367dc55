import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

import { eventually } from './eventually.ts';

/**
 * A free TCP port of 127.0.0.1 for a server that goes away and comes back. Systems give outgoing connections ports from 32768
 * on: one of those may be taken meanwhile, by a client that calls the server in vain, even.
 */
export const lastingPort = (): Promise<number> =>
  eventually(async () => {
    const port = randomInt(20_000, 30_000);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return port;
  });
