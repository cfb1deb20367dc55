import type { Exchange } from './recorded-fetch.ts';

const describeOne = (times: number, { requestId = 'unknown', traceId }: Exchange, summary: string): string => {
  const repeated = times > 1 ? ` (${times} times)` : '';
  return `${summary}${repeated} · request ${requestId} · trace ${traceId}`;
};

/** One line per request. Consecutive requests with the same outcome are one line: the last of them, with their number. */
export const describeExchanges = (exchanges: readonly Exchange[]): string[] => {
  const lines: string[] = [];
  let previous = '';
  let times = 0;
  for (const exchange of exchanges) {
    const { method, path, status } = exchange;
    const summary = `${method} ${path} → ${status === 0 ? 'no response' : String(status)}`;
    times = summary === previous ? times + 1 : 1;
    lines.splice(times > 1 ? -1 : lines.length, 1, describeOne(times, exchange, summary));
    previous = summary;
  }
  return lines;
};
