import { describe, expect, it } from 'vitest';

import { Unavailable } from '../../../src/errors/unavailable.ts';
import { makeLogger } from '../../../src/observability/logger.ts';
import { makeOutages, type EndedOutage } from '../../../src/observability/outages.ts';

const REFUSED = new Unavailable('STORE_UNAVAILABLE', 'The database cannot be reached.', {
  cause: new Error('connect ECONNREFUSED 127.0.0.1:5432'),
});
const SLOW = new Unavailable('STORE_TIMEOUT', 'The database did not respond in time.');

const arrange = () => {
  const ended: EndedOutage[] = [];
  let clock = 0;
  const outages = makeOutages({ onEnd: (outage) => ended.push(outage), now: () => clock });
  return { outages, ended, wait: (ms: number) => (clock += ms) };
};

describe('an outage', () => {
  it('is news once, and its end says how many failures there were and for how long', () => {
    const { outages, ended, wait } = arrange();
    const news = [outages.isNews(REFUSED), outages.isNews(REFUSED)];
    wait(700);
    news.push(outages.isNews(new Error('wrapped', { cause: REFUSED })));
    expect(news).toEqual([true, false, false]);
    outages.close();
    expect(ended).toEqual([{ dependency: 'postgres', code: 'STORE_UNAVAILABLE', count: 3, durationMs: 700 }]);
  });

  it('ends when nothing has failed for five seconds: the next failure is news', () => {
    const { outages, ended, wait } = arrange();
    outages.isNews(REFUSED);
    outages.isNews(REFUSED);
    wait(4999);
    expect(outages.isNews(REFUSED)).toBe(false);
    wait(5000);
    expect(outages.isNews(REFUSED)).toBe(true);
    expect(ended).toMatchObject([{ count: 3 }]);
  });

  it('lasts while its dependency is down, however rarely something fails', () => {
    const { outages, wait } = arrange();
    outages.isDown('postgres', REFUSED);
    wait(60_000);
    expect(outages.isNews(REFUSED)).toBe(false);
    outages.isUp('postgres');
    wait(5000);
    expect(outages.isNews(REFUSED)).toBe(true);
  });

  it('is one per kind of failure, and none of a failure that has nothing to do with a dependency', () => {
    const { outages } = arrange();
    const bug = new TypeError('a bug');
    expect([REFUSED, SLOW, bug, bug, 'text', SLOW].map(outages.isNews)).toEqual([true, true, true, true, true, false]);
  });

  it('has no last line when only one thing failed', () => {
    const { outages, ended } = arrange();
    outages.isNews(REFUSED);
    outages.close();
    expect(ended).toEqual([]);
  });
});

describe('the logger', () => {
  const write = (level: string) => {
    const lines: Record<string, unknown>[] = [];
    const destination = { write: (text: string) => lines.push(JSON.parse(text) as Record<string, unknown>) };
    const names = { service: 'user-service', env: 'test', version: '1' };
    const logger = makeLogger({ level, format: 'json', ...names, traceFields: () => ({}), destination });
    const child = logger.child({ logger: 'http' });
    for (const requestId of ['1', '2', '3']) child.warn({ err: REFUSED, requestId }, 'request could not be served');
    child.warn({ err: REFUSED, dependency: 'postgres' }, 'dependency is down');
    child.error({ err: REFUSED }, 'shutdown failed');
    logger.close();
    return lines.map(({ level: written, msg, requestId, count }) => [written, msg, requestId ?? count]);
  };

  it('writes one warning per outage, every change of the dependency, every error, and the end', () => {
    expect(write('info')).toEqual([
      ['warn', 'request could not be served', '1'],
      ['warn', 'dependency is down', undefined],
      ['error', 'shutdown failed', undefined],
      ['info', 'failures of a dependency ended', 3],
    ]);
  });

  it('writes the other failures with their stacks at the level debug', () => {
    expect(write('debug').filter(([level]) => level === 'debug')).toEqual([
      ['debug', 'request could not be served', '2'],
      ['debug', 'request could not be served', '3'],
    ]);
  });
});
