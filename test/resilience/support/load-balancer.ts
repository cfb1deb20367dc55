// A reverse proxy like those of platforms: it keeps connections to its backends open, selects backends by readiness, and never retries a request,
// so that callers see every failure of a restart.

import { once } from 'node:events';
import { Agent, createServer, request as call, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export type Backend = { readonly port: number; readonly managementUrl: string };

const PROBE_EVERY_MS = 100;
const PROBE_TIMEOUT_MS = 1000;
const BAD_GATEWAY = 502;

/** Headers of one connection, not of the response (RFC 9110 §7.6.1). */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding']);

const endToEnd = (headers: IncomingMessage['headers']) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));

const isReady = async ({ managementUrl }: Backend): Promise<boolean> => {
  try {
    const response = await fetch(`${managementUrl}/health/ready`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
};

export const startLoadBalancer = async () => {
  const agent = new Agent({ keepAlive: true });
  const known = new Set<Backend>();
  let serving: readonly Backend[] = [];
  let turn = 0;
  let probeEveryMs = PROBE_EVERY_MS;

  const probe = async (): Promise<void> => {
    const candidates = [...known];
    const ready = await Promise.all(candidates.map(isReady));
    serving = candidates.filter((backend, place) => known.has(backend) && ready.at(place) === true);
  };

  const forward = (request: IncomingMessage, response: ServerResponse): void => {
    turn += 1;
    const backend = serving.at(turn % Math.max(1, serving.length));
    const fail = (): void => {
      if (response.headersSent) response.destroy();
      else response.writeHead(BAD_GATEWAY).end();
    };
    if (backend === undefined) {
      fail();
      return;
    }
    const { method, url: path, headers } = request;
    const target = { host: '127.0.0.1', port: backend.port, method, path, headers: endToEnd(headers), agent };
    const sent = call(target, (upstream) => {
      response.writeHead(upstream.statusCode ?? BAD_GATEWAY, endToEnd(upstream.headers));
      upstream.on('error', fail).pipe(response);
    });
    request.pipe(sent.on('error', fail));
  };

  const server = createServer(forward).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = new AbortController();
  const probing = (async () => {
    while (!stop.signal.aborted) {
      await probe();
      await pause(probeEveryMs);
    }
  })();

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`,
    /** Starts probing the backend; it receives requests while it is ready. */
    add: (backend: Backend): void => {
      known.add(backend);
    },
    remove: (backend: Backend): void => {
      known.delete(backend);
    },
    /** Probe interval; default: 100 ms. */
    probeEvery: (ms: number): void => {
      probeEveryMs = ms;
    },
    serves: (backend: Backend): boolean => serving.includes(backend),
    close: async (): Promise<void> => {
      stop.abort();
      await probing;
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
};

export type LoadBalancer = Awaited<ReturnType<typeof startLoadBalancer>>;
