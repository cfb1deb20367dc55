import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

import { eventually } from './eventually.ts';

/**
 * A free TCP port of 127.0.0.1. It is below 32768, where the default range of ephemeral ports starts: an outgoing connection of a concurrent test
 * could take one of those before the server listens, or while it is restarted.
 */
export const freePort = (): Promise<number> =>
  eventually(async () => {
    const port = randomInt(20_000, 30_000);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return port;
  });
