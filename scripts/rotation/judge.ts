// What has to be true after the load of one mode, with its figures.

import { eventually } from '../../test/support/eventually.ts';
import { using } from '../../test/support/template-database.ts';
import type { Recovery } from './changes/outages.ts';
import type { DatabaseUsers } from './database-users.ts';
import { databaseDelays } from './in-use.ts';
import type { Load } from './load/load.ts';
import { median, ms, quantile, seconds, type Report } from './report.ts';
import { ROLES } from './settings.ts';
import type { Stack } from './stack.ts';

export type Run = {
  readonly stack: Stack;
  readonly load: Load;
  readonly users: DatabaseUsers;
  readonly report: Report;
};

export const IN_USE_WITHIN_MS = 2000;
const CONFIRMED_WITHIN_MS = 60_000;
/** Of each process. */
const LEAST_CREDENTIALS = 5;

export const checkDatabase = ({ stack, users, report }: Run, until: number): void => {
  const changes = ROLES.map(
    (role) => stack.files.of('postgres_credentials').filter((one) => one.role === role).length - 1,
  );
  const names = ROLES.map((role) => users.of(role).size);
  const [what, counts] = stack.mode === 'dynamic' ? ['users', names] : ['passwords', changes.map((count) => count + 1)];
  const figure = ROLES.map((role, place) => `${role} ${counts.at(place) ?? 0}`).join(', ');
  report.check(`${stack.mode}: database credentials`, Math.min(...counts) >= LEAST_CREDENTIALS, `${what} of ${figure}`);
  const delays = databaseDelays(stack, users, until).toSorted((a, b) => a - b);
  const slowest = delays.at(-1) ?? Infinity;
  report.check(
    `${stack.mode}: changed credentials in use`,
    slowest <= IN_USE_WITHIN_MS,
    `${delays.length} changes, median ${ms(median(delays))}, maximum ${ms(slowest)} after the file`,
  );
};

export const checkOrders = async ({ stack, load, report }: Run): Promise<void> => {
  const ids = load.orders();
  const confirmed = (): Promise<number> =>
    using(stack.servers.postgres, async (client) => {
      const sql = "SELECT count(*)::int AS count FROM orders WHERE id = ANY($1::uuid[]) AND status = 'confirmed'";
      return (await client.query<{ count: number }>(sql, [ids])).rows[0]?.count ?? 0;
    });
  const all = async (): Promise<void> => {
    if ((await confirmed()) < ids.length) throw new Error('orders are not confirmed');
  };
  await eventually(all, { deadlineMs: CONFIRMED_WITHIN_MS, everyMs: 250 }).catch(() => undefined);
  const count = await confirmed();
  report.check(`${stack.mode}: orders`, count === ids.length && count > 0, `${count} of ${ids.length} confirmed`);
};

const kindsOf = (load: Load): string => {
  const kinds = Object.entries(Object.groupBy(load.failures(), ({ what }) => what));
  return kinds.map(([what, failures = []]) => `${failures.length} × ${what}`).join('; ');
};

export const checkRequests = ({ stack, load, report }: Run, target: number): void => {
  const [requests, failed, times] = [load.requests(), load.failures().length, load.durations()];
  const why = failed === 0 ? '' : ` (${kindsOf(load)})`;
  const slowness = `p50 ${ms(median(times))}, p99 ${ms(quantile(times, 0.99))}, maximum ${ms(times.at(-1) ?? 0)}`;
  const figure = `${failed} of ${requests} failed${why}; ${slowness}`;
  report.check(`${stack.mode}: requests`, failed === 0 && requests >= target, figure);
  const kids = load.kids().size;
  report.check(`${stack.mode}: keys of issued tokens`, kids === 3, `${kids}`);
};

export const describeRecovery = ({ requests, failed, kinds, failingMs, renderedMs }: Recovery): string => {
  const why = failed === 0 ? '' : ` (${kinds}), the last ${seconds(failingMs)} after it`;
  return `${failed} of ${requests} failed${why}; rendered after ${seconds(renderedMs)}`;
};
