// One mode of Vault's database logins, from the start of its stack to its end.

import { setTimeout as pause } from 'node:timers/promises';

import { eventually } from '../../test/support/eventually.ts';
import { openAll, type Closings } from '../gameday/stacks/closings.ts';
import { startControl } from './control.ts';
import { watchDatabaseUsers } from './database-users.ts';
import { checkDatabase, checkOrders, checkRequests, describeRecovery, IN_USE_WITHIN_MS, type Run } from './judge.ts';
import { makeLoad } from './load/load.ts';
import { lengthenLeases, revokeLeases, rotatePassword, takeVaultAway } from './changes/outages.ts';
import { ms, seconds, type Report } from './report.ts';
import { rotateClientSecret, rotateSigningKey, type InUse } from './changes/rotate-auth.ts';
import { rotateKafkaPassword, rotateRedisPassword } from './changes/rotate-servers.ts';
import { openStack, type Options } from './stack.ts';
import { openAuthData } from './changes/vault-data.ts';

/** `requests`: the least number that is counted. `rate`: per second. */
type Amount = { readonly requests: number; readonly rate: number };

const RATE_OF_REVOCATION = 20;
/** Shares of the rate: a process that has just started is slow. Its failures count, its requests do not. */
const WARM_UP = [0.25, 0.5, 0.75];
const WARM_UP_STEP_MS = 4000;
/** While Vault is away, logins live longer, because a person needs longer than ten seconds to bring it back. */
const LONG_LEASE_SECONDS = 30;
const AWAY_MS = 6000;

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

/** These requests may fail: how long is what is measured. */
const takeLoginsAway = async ({ stack, load, report }: Run): Promise<void> => {
  load.setRate(RATE_OF_REVOCATION);
  const { mode, maxBackoff } = stack;
  if (mode === 'static') {
    const early = await rotatePassword(stack, load);
    report.check('static: password changed early', early.failed === 0, describeRecovery(early));
    return;
  }
  const control = await startControl(stack);
  const left = await revokeLeases(stack, load, false);
  const within = `agents find out by themselves; lease ${LONG_LEASE_SECONDS} s, max_backoff ${maxBackoff}: `;
  const recovered = left.renderedMs <= 1000 * (LONG_LEASE_SECONDS + Number.parseInt(maxBackoff, 10));
  report.check('dynamic: leases revoked', recovered, `${within}${describeRecovery(left)}`);
  const failures = await control.end();
  report.check('dynamic: an api without new files goes on failing', failures.length > 0, failures.join(', '));
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
  for (const share of WARM_UP) {
    load.setRate(rate * share);
    await pause(WARM_UP_STEP_MS);
  }
  load.startCounting();
  load.setRate(rate);
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
  await takeLoginsAway(all);
  return { emitted: stack.emitted };
};

export const runMode = async (options: Options, amount: Amount, report: Report): Promise<readonly string[]> => {
  const { emitted, close } = await openAll((closings) => run(options, amount, report, closings));
  await close();
  return emitted.files();
};
