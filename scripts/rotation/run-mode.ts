// One mode of Vault's database logins, from the start of its stack to its end.

import { setTimeout as pause } from 'node:timers/promises';

import { eventually } from '../../test/support/eventually.ts';
import { using } from '../../test/support/template-database.ts';
import { openAll, type Closings } from '../gameday/stacks/closings.ts';
import { runControl } from './control.ts';
import { watchDatabaseUsers, type DatabaseUsers } from './database-users.ts';
import { databaseDelays } from './in-use.ts';
import { makeLoad, type Load } from './load/load.ts';
import { lengthenLeases, revokeLeases, rotatePassword, takeVaultAway, type Recovery } from './changes/outages.ts';
import { median, ms, quantile, seconds, type Report } from './report.ts';
import { rotateClientSecret, rotateSigningKey, type InUse } from './changes/rotate-auth.ts';
import { rotateKafkaPassword, rotateRedisPassword } from './changes/rotate-servers.ts';
import { ROLES } from './settings.ts';
import { openStack, type Options, type Stack } from './stack.ts';
import { openAuthData } from './changes/vault-data.ts';

/** `requests`: the least number that is counted. `rate`: per second. */
type Amount = { readonly requests: number; readonly rate: number };

const RATE_OF_REVOCATION = 20;
/** While Vault is away, logins live longer, because a person needs longer than ten seconds to bring it back. */
const LONG_LEASE_SECONDS = 30;
const AWAY_MS = 6000;
export const IN_USE_WITHIN_MS = 2000;
const CONFIRMED_WITHIN_MS = 60_000;

type Run = { readonly stack: Stack; readonly load: Load; readonly users: DatabaseUsers; readonly report: Report };

const rotateAll = async ({ stack, load, report }: Run): Promise<void> => {
  const auth = await openAuthData(stack);
  const deps = { stack, load, auth };
  const keys = (async (): Promise<InUse[]> => [await rotateSigningKey(deps), await rotateSigningKey(deps)])();
  const others = (async (): Promise<InUse[]> => {
    const first = await rotateClientSecret(deps);
    const redisMs = await rotateRedisPassword(stack);
    report.check(
      `${stack.mode}: password of Redis`,
      true,
      `changed once; the api logged in again within ${ms(redisMs)}`,
    );
    const kafkaMs = await rotateKafkaPassword(stack);
    report.check(`${stack.mode}: password of Kafka`, true, `changed once; read ${seconds(kafkaMs)} after Kafka had it`);
    return [first, await rotateClientSecret(deps)];
  })();
  const inUse = (await Promise.all([keys, others])).flat();
  for (const what of ['signing key', 'client secret']) {
    const times = inUse.filter((one) => one.what === what).map((one) => Math.max(0, one.ms));
    const figure = `changed ${times.length} times; in use ${times.map(ms).join(' and ')} after the file`;
    report.check(`${stack.mode}: ${what}`, Math.max(...times) <= IN_USE_WITHIN_MS, figure);
  }
};

const awayWithVault = async ({ stack, report, load }: Run): Promise<void> => {
  if (stack.mode === 'dynamic') await lengthenLeases(stack, LONG_LEASE_SECONDS);
  const before = load.failures().length;
  const away = await takeVaultAway(stack, AWAY_MS);
  const [first, last] = away.secondsLeft;
  const failed = load.failures().length - before;
  report.check(
    `${stack.mode}: Vault away`,
    failed === 0 && last < first && away.readiness.every((status) => status.startsWith('200')),
    `${away.seconds.toFixed(0)} s, ${failed} failed; gauge: ${first.toFixed(0)} s left, then ${last.toFixed(0)} s; readiness: ${away.readiness.join(', ')}; ` +
      `new credentials ${seconds(away.backMs)} after its return`,
  );
};

const checkDatabase = ({ stack, users, report }: Run, until: number): void => {
  const changes = ROLES.map(
    (role) => stack.files.of('postgres_credentials').filter((one) => one.role === role).length - 1,
  );
  const names = ROLES.map((role) => users.of(role).size);
  const figure =
    stack.mode === 'dynamic'
      ? `users of ${ROLES.map((role, place) => `${role} ${names.at(place) ?? 0}`).join(', ')}`
      : `passwords of ${ROLES.map((role, place) => `${role} ${(changes.at(place) ?? 0) + 1}`).join(', ')}`;
  report.check(`${stack.mode}: database credentials`, Math.min(...changes) >= 3, figure);
  const delays = databaseDelays(stack, users, until).toSorted((a, b) => a - b);
  const slowest = delays.at(-1) ?? Infinity;
  report.check(
    `${stack.mode}: changed credentials in use`,
    slowest <= IN_USE_WITHIN_MS,
    `${delays.length} changes, median ${ms(median(delays))}, maximum ${ms(slowest)} after the file`,
  );
};

const checkOrders = async ({ stack, load, report }: Run): Promise<void> => {
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

const checkRequests = ({ stack, load, report }: Run, target: number): void => {
  const [requests, failed, times] = [load.requests(), load.failures().length, load.durations()];
  report.check(
    `${stack.mode}: requests`,
    failed === 0 && requests >= target,
    `${failed} of ${requests} failed${failed === 0 ? '' : ` (${kindsOf(load)})`}; p50 ${ms(median(times))}, p99 ${ms(quantile(times, 0.99))}, maximum ${ms(times.at(-1) ?? 0)}`,
  );
  const kids = load.kids().size;
  report.check(`${stack.mode}: keys of issued tokens`, kids === 3, `${kids}`);
};

const describeRecovery = ({ requests, failed, kinds, failingMs, renderedMs }: Recovery): string =>
  `${failed} of ${requests} failed${failed === 0 ? '' : ` (${kinds}), the last ${seconds(failingMs)} after it`}; rendered after ${seconds(renderedMs)}`;

/** These requests may fail: how long is what is measured. */
const takeLoginsAway = async ({ stack, load, report }: Run): Promise<void> => {
  load.setRate(RATE_OF_REVOCATION);
  const { mode, maxBackoff } = stack;
  if (mode === 'static') {
    const early = await rotatePassword(stack, load);
    report.check('static: password changed early', early.failed === 0, describeRecovery(early));
    return;
  }
  const left = await revokeLeases(stack, load, false);
  const within = `agents find out by themselves; lease ${LONG_LEASE_SECONDS} s, max_backoff ${maxBackoff}: `;
  report.check('dynamic: leases revoked', left.failed > 0, `${within}${describeRecovery(left)}`);
  const restarted = await revokeLeases(stack, load, true);
  report.check(
    'dynamic: leases revoked, agents restarted',
    restarted.renderedMs < left.renderedMs,
    describeRecovery(restarted),
  );
};

const run = async (options: Options, { requests: target, rate }: Amount, report: Report, closings: Closings) => {
  const stack = await openStack(options, closings);
  const users = await watchDatabaseUsers(options.servers);
  closings.push(users.close);
  const { port = 0 } = stack.processes.get('api') ?? {};
  const load = makeLoad({ ...stack, port });
  closings.push(load.end);
  await load.prepare();
  const all: Run = { stack, load, users, report };

  report.say(`${rate} requests per second`);
  load.setRate(rate);
  const control = options.mode === 'dynamic' ? runControl(stack) : undefined;
  await rotateAll(all);
  await awayWithVault(all);
  await eventually(
    () => {
      if (load.requests() < target) throw new Error('too few requests');
    },
    { deadlineMs: 300_000, everyMs: 100 },
  );
  load.setRate(0);
  await eventually(() => {
    if (load.open() > 0) throw new Error('requests are open');
  }, { deadlineMs: 15_000 }); // prettier-ignore
  const end = Date.now();
  await pause(IN_USE_WITHIN_MS);
  checkRequests(all, target);
  checkDatabase(all, end);
  await checkOrders(all);
  if (control !== undefined) {
    const failures = await control;
    report.check('dynamic: an api without new files fails', failures.length > 0, failures.slice(0, 3).join(', '));
  }
  await takeLoginsAway(all);
  return { emitted: stack.emitted };
};

export const runMode = async (options: Options, amount: Amount, report: Report): Promise<readonly string[]> => {
  const { emitted, close } = await openAll((closings) => run(options, amount, report, closings));
  await close();
  return emitted.files();
};
