import { once } from 'node:events';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { env, getuid } from 'node:process';

const DEADLINE_MS = 500;

const addresses = (): string[] =>
  env.DOCKER_HOST
    ? [env.DOCKER_HOST]
    : [
        '/var/run/docker.sock',
        join(homedir(), '.docker/run/docker.sock'),
        `/run/user/${getuid?.() ?? 0}/docker.sock`,
      ].map((path) => `unix://${path}`);

const isReachable = async (address: string): Promise<boolean> => {
  const { protocol, pathname, hostname, port } = new URL(address);
  const socket = protocol === 'unix:' ? connect(pathname) : connect(Number(port || 2375), hostname);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(DEADLINE_MS) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/** Resolves within half a second. A socket file without a listener does not count. */
export const isDockerReachable = async (): Promise<boolean> =>
  (await Promise.all(addresses().map(isReachable))).includes(true);
