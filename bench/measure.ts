import autocannon from 'autocannon';
import type { MeasuredServer } from './measured-server.ts';
import type { ReadRequest } from './read-request.ts';

export const CONNECTIONS = 32;

export type Sample = {
  readonly requestsPerSecond: number;
  /** µs of CPU time that the server used per request. */
  readonly cpuPerRequest: number;
  readonly p99Ms: number;
};

/** One run of load against one server. An answer other than 2xx ends everything: its figure would mean nothing. */
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
  const { '2xx': answered, non2xx, errors } = result;
  if (answered === 0 || non2xx + errors > 0)
    throw new Error(`${answered} good, ${non2xx} bad answers, ${errors} errors`);
  return {
    requestsPerSecond: answered / result.duration,
    cpuPerRequest: used / answered,
    p99Ms: result.latency.p99,
  };
};
