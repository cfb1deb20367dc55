// What the exporter does when the intake refuses, limits, hangs or is not there.

import { describe, expect, it } from 'vitest';
import type { Misbehave } from '../../../support/datadog-intake.ts';
import { eventually } from '../../../support/eventually.ts';
import { freePort } from '../../../support/free-port.ts';
import { arrangePush, BACK, DEGRADED } from './arrange-push.ts';

type Arranged = Awaited<ReturnType<typeof arrangePush>>;

const hasAnswered = ({ intake }: Arranged, times: number): Promise<void> =>
  eventually(() => {
    expect(intake.statuses.length).toBeGreaterThanOrEqual(times);
  });
const isDelivered = ({ intake }: Arranged, registrations: number): Promise<void> =>
  eventually(() => {
    expect(intake.sum('user.registrations')).toBe(registrations);
  });
const says = ({ messages }: Arranged, ...expected: string[]): Promise<void> =>
  eventually(() => {
    expect(messages()).toEqual(expected);
  });

/** One series in a body. */
const REFUSED = /"metric":"orders.decided"[^{}]*\[\{[^{}]*\}\][^{}]*\[\{[^{}]*\}\][^{}]*"status:rejected"/;

const WAYS: [string, ReturnType<Misbehave>, string][] = [
  ['is overloaded (503)', { status: 503 }, 'status 503'],
  ['fails (500)', { status: 500 }, 'status 500'],
  ['times out (408)', { status: 408 }, 'status 408'],
  ['limits the rate (429)', { status: 429 }, 'status 429'],
  ['never answers', 'hang', 'timeout'],
  ['resets connections', 'reset', 'ECONNRESET'],
];

describe('an intake that', () => {
  it.each(WAYS)('%s gets every count later, exactly once, and is reported once', async (_, wrong, reason) => {
    const arranged = await arrangePush({ timeoutMs: 200 });
    const { intake, metrics, lines, exported } = arranged;
    intake.misbehave(() => wrong);
    metrics.userRegistrations.inc(3);
    await hasAnswered(arranged, 4);
    metrics.userRegistrations.inc(4);
    expect([intake.sum('user.registrations'), await exported('telemetry_exporter_up')]).toEqual([0, 0]);
    intake.misbehave();
    await isDelivered(arranged, 7);
    await says(arranged, DEGRADED, BACK);
    expect(lines).toMatchObject([
      { dependency: 'datadog', reason: expect.toBeOneOf([reason, 'UND_ERR_SOCKET']) as string },
      { dependency: 'datadog', count: 0 },
    ]);
    expect([await exported('telemetry_exporter_up'), intake.faults]).toEqual([1, []]);
  });

  it('stores the data but loses its answer counts nothing twice', async () => {
    const arranged = await arrangePush();
    const { intake, metrics, push } = arranged;
    intake.misbehave((_text, index) => (index % 2 === 0 ? 'lose answer' : undefined));
    metrics.userRegistrations.inc(5);
    await hasAnswered(arranged, 6);
    intake.misbehave();
    await push.close();
    expect(intake.sum('user.registrations')).toBe(5);
  });

  it('fails once is not reported', async () => {
    const arranged = await arrangePush();
    arranged.intake.misbehave((_text, index) => (index === 0 ? { status: 503 } : undefined));
    arranged.metrics.userRegistrations.inc();
    await isDelivered(arranged, 1);
    expect(arranged.lines).toEqual([]);
  });

  it('asks for patience is not asked again before', async () => {
    for (const header of ['retry-after', 'x-ratelimit-reset']) {
      const arranged = await arrangePush();
      arranged.intake.misbehave(() => ({ status: 429, headers: { [header]: '1' } }));
      await hasAnswered(arranged, 1);
      const start = performance.now();
      await hasAnswered(arranged, 2);
      expect(performance.now() - start).toBeGreaterThan(900);
      await arranged.push.close();
    }
  });

  it('is not there is reported once, and does not fail the shutdown', async () => {
    const arranged = await arrangePush({ url: `http://127.0.0.1:${await freePort()}` });
    await says(arranged, DEGRADED);
    expect(arranged.lines[0]).toMatchObject({ reason: 'ECONNREFUSED' });
    await arranged.push.close();
    expect(arranged.messages()).toEqual([DEGRADED, 'the last metrics were not delivered']);
  });

  it('hangs at the end delays the shutdown by 1.5 s at most', async () => {
    const arranged = await arrangePush({ timeoutMs: 60_000 });
    arranged.intake.misbehave(() => 'hang');
    await hasAnswered(arranged, 1);
    const start = performance.now();
    await arranged.push.close();
    expect(performance.now() - start).toBeLessThan(2500);
    expect(arranged.messages()).toEqual(['the last metrics were not delivered']);
  });
});

describe('a key that is refused', () => {
  it('is reported once, tried rarely, and replaced at once when its file changes', async () => {
    const arranged = await arrangePush();
    const { intake, secret, metrics, lines } = arranged;
    intake.keys.clear();
    metrics.userRegistrations.inc(2);
    await says(arranged, DEGRADED);
    await new Promise((resolve) => setImmediate(resolve));
    const asked = intake.statuses.length;
    metrics.userRegistrations.inc(2);
    await eventually(async () => {
      expect(await arranged.exported('telemetry_exporter_up')).toBe(0);
    });
    intake.keys.add('new-key');
    secret.key = 'new-key';
    await isDelivered(arranged, 4);
    await says(arranged, DEGRADED, BACK);
    expect(lines[0]).toMatchObject({ reason: 'status 403' });
    expect([asked, intake.statuses.filter((status) => status === 403)]).toEqual([1, [403]]);
    expect(JSON.stringify(lines)).not.toContain('key"');
  });

  it.each([301, 401, 404])('counts as refused with %i as well', async (status) => {
    const arranged = await arrangePush();
    arranged.intake.misbehave(() => ({ status, headers: { location: 'http://127.0.0.1:9/' } }));
    await says(arranged, DEGRADED);
    expect(arranged.lines).toMatchObject([{ reason: `status ${status}` }]);
    expect(arranged.intake.statuses).toEqual([status]);
  });
});

describe('a body that', () => {
  it('is too large (413) is split until it fits', async () => {
    const arranged = await arrangePush({ intervalMs: 60_000 });
    const { intake, metrics, push } = arranged;
    for (let route = 0; route < 50; route += 1)
      metrics.httpRequestSeconds.observe({ method: 'GET', route: `/r${route}`, status: 200 }, 0.01);
    intake.limits.text = 20_000;
    await push.close();
    expect(intake.points('http.request.duration.count')).toHaveLength(50);
    expect(intake.statuses.filter((status) => status === 413).length).toBeGreaterThan(5);
    expect(arranged.lines).toEqual([]);
  });

  it('has one series that Datadog refuses (400) is sent without it, which is reported once and never sent again', async () => {
    const arranged = await arrangePush();
    const { intake, metrics, exported } = arranged;
    intake.misbehave((text) =>
      text.includes('orders.decided') && text.includes('rejected') ? { status: 400 } : undefined,
    );
    metrics.userRegistrations.inc(3);
    await isDelivered(arranged, 3);
    await says(arranged, 'a metric is refused and not sent');
    const asked = intake.statuses.length;
    await hasAnswered(arranged, asked + 3);
    expect(intake.statuses.slice(asked + 1)).not.toContain(400);
    expect(arranged.lines).toEqual([expect.objectContaining({ reason: 'orders.decided' })]);
    expect(intake.points('orders.decided').every(({ tags }) => tags.includes('status:confirmed'))).toBe(true);
    expect(intake.points('orders.decided').length).toBeGreaterThan(1);
    expect(await exported('telemetry_points_total dropped')).toBeLessThan(10);
  });

  it('waited during an outage is not lost because of a series that Datadog refuses', async () => {
    const arranged = await arrangePush();
    const { intake, metrics, push, exported } = arranged;
    intake.misbehave(() => ({ status: 503 }));
    metrics.userRegistrations.inc(3);
    await hasAnswered(arranged, 8);
    metrics.userRegistrations.inc(4);
    intake.misbehave((text) => (REFUSED.test(text) ? { status: 400 } : undefined));
    await isDelivered(arranged, 7);
    await push.close();
    expect(intake.sum('user.registrations')).toBe(7);
    // of each reading no more than the refused series
    const readings = intake.points('user.registrations').length;
    expect(await exported('telemetry_points_total dropped')).toBeLessThanOrEqual(readings);
  });

  it('is refused whatever is in it (400) costs a bounded number of requests, and no series for ever', async () => {
    const arranged = await arrangePush({ intervalMs: 300 });
    const { intake, metrics } = arranged;
    intake.misbehave(() => ({ status: 400 }));
    await says(arranged, DEGRADED);
    expect(intake.statuses.length).toBeLessThan(140);
    intake.misbehave();
    metrics.userRegistrations.inc(3);
    await isDelivered(arranged, 3);
    await says(arranged, DEGRADED, BACK);
    expect(intake.points('orders.decided').length).toBeGreaterThan(0);
  });
});
