import autocannon from 'autocannon';
import type { MeasuredServer } from './measured-server.ts';
import type { ReadRequest } from './read-request.ts';

export const CONNECTIONS = 32;

export type Sample = {
  readonly requestsPerSecond: number;
  /** CPU time of the server per request, in µs. */
  readonly cpuPerRequest: number;
  readonly p99Ms: number;
};

/** Runs load against one server. @throws Error for any response other than 2xx, which would make the result invalid */
export const measure = async (server: MeasuredServer, request: ReadRequest, seconds: number): Promise<Sample> => {
  const before = await server.cpuMicroseconds();
  const result = await autocannon({
    url: `${server.url}${request.path}`,
    headers: request.headers,
    connections: CONNECTIONS,
    pipelining: 1,
    duration: seconds,
  });
  const used = (await server.cpuMicroseconds()) - before;
  const { '2xx': succeeded, non2xx, errors } = result;
  if (succeeded === 0 || non2xx + errors > 0)
    throw new Error(`invalid measurement: ${succeeded} responses with 2xx, ${non2xx} others, ${errors} errors`);
  return {
    requestsPerSecond: succeeded / result.duration,
    cpuPerRequest: used / succeeded,
    p99Ms: result.latency.p99,
  };
};
