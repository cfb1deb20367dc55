// The histogram of requests as the public server fills it: what exists before the first request, what a read of a user adds, what random paths don't.

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { countSeries, parseExposition } from '../../../scripts/telemetry/exposition.ts';
import { AuthError } from '../../../src/auth/errors.ts';
import { makeMetrics } from '../../../src/observability/metrics/metrics.ts';
import type { ReadUser } from '../../../src/users/read-user.ts';
import { makeFakeServer, principal, USER_ID, userRepresentation, type FakeDeps } from '../../support/http/fake-deps.ts';

const arrange = async (deps: FakeDeps = {}) => {
  const metrics = makeMetrics({ service: 'user-service', env: 'test', version: '1', commit: 'c' });
  const app = await makeFakeServer({ metrics, ...deps });
  const families = async () => parseExposition(await metrics.registry.metrics());
  const series = async (): Promise<number> => countSeries(await families());
  /** `method route status cache count` of the combinations with or without requests. */
  const counts = async (isWanted = (count: number): boolean => count > 0): Promise<string[]> =>
    (await families())
      .flatMap(({ samples }) => samples)
      .filter(({ name, value }) => name === 'http_request_duration_seconds_count' && isWanted(value))
      .map(({ labels, value }) => `${labels.method} ${labels.route} ${labels.status} ${labels.cache} ${value}`);
  return { app, series, counts };
};

const headers = { authorization: 'Bearer x' };
const readUser =
  (result: 'hit' | 'miss'): ReadUser =>
  (_principal, _id, onCache) => {
    onCache?.(result);
    return Promise.resolve(userRepresentation);
  };

describe('the metrics of requests', () => {
  it.each(['hit', 'miss'] as const)('label the read of a user as %s', async (result) => {
    const { app, counts } = await arrange({ readUser: readUser(result) });
    await app.inject({ url: `/api/v1/users/${USER_ID}`, headers });
    expect(await counts()).toEqual([`GET /api/v1/users/:id 200 ${result} 1`]);
  });

  it('label a request that ends before the look-up as none', async () => {
    const verifyAccessToken = (): never => {
      throw new AuthError('TOKEN_INVALID', 'No.');
    };
    const { app, counts } = await arrange({ readUser: readUser('hit'), verifyAccessToken });
    await app.inject({ url: `/api/v1/users/${USER_ID}`, headers });
    expect(await counts()).toEqual(['GET /api/v1/users/:id 401 none 1']);
  });

  it('start with each success and 500 of every operation at 0', async () => {
    const { counts } = await arrange();
    const known = await counts((count) => count === 0);
    expect(known).toContain('POST /api/v1/users 201 none 0');
    expect(known).toContain('POST /api/v1/users 500 none 0');
    expect(known.filter((line) => line.startsWith('GET /api/v1/users/:id '))).toEqual([
      'GET /api/v1/users/:id 200 hit 0',
      'GET /api/v1/users/:id 200 miss 0',
      'GET /api/v1/users/:id 500 hit 0',
      'GET /api/v1/users/:id 500 miss 0',
    ]);
    expect(known.filter((line) => line.includes(' 500 '))).toHaveLength(18);
    expect(known).toHaveLength(36);
  });

  it('leave more than half of the budget to what occurs', async () => {
    const { series } = await arrange();
    expect(await series()).toBeLessThanOrEqual(750);
  });

  it('get no new series from random users and paths', async () => {
    const { app, series } = await arrange({
      readUser: readUser('miss'),
      verifyAccessToken: () => principal({ subject: randomUUID() }),
    });
    const request = async (): Promise<void> => {
      await app.inject({ url: `/api/v1/users/${randomUUID()}`, headers });
      await app.inject({ url: `/${randomUUID()}/${randomUUID()}`, headers });
      await app.inject({ url: `/problems/${randomUUID()}` });
      await app.inject({ method: 'PROPFIND', url: `/docs/${randomUUID()}` });
    };
    await request();
    const before = await series();
    for (let round = 0; round < 250; round += 1) await request();
    expect(await series()).toBe(before);
  });
});
