import type { Exchange } from './recorded-fetch.ts';

const describeOne = (times: number, { requestId = 'unknown', traceId }: Exchange, what: string): string => {
  const repeated = times > 1 ? ` (${times} times)` : '';
  return `${what}${repeated} · request ${requestId} · trace ${traceId}`;
};

/** One line per request; of those that were repeated until something came true only the last one, with their number. */
export const describeExchanges = (exchanges: readonly Exchange[]): string[] => {
  const lines: string[] = [];
  let before = '';
  let times = 0;
  for (const exchange of exchanges) {
    const { method, path, status } = exchange;
    const what = `${method} ${path} → ${status === 0 ? 'no answer' : String(status)}`;
    times = what === before ? times + 1 : 1;
    lines.splice(times > 1 ? -1 : lines.length, 1, describeOne(times, exchange, what));
    before = what;
  }
  return lines;
};
