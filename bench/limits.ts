// Prints what docs/limits.md states: how many passwords of one account strangers can try within a minute, and how long its owner is kept out.
// Guesses run for a minute against a Redis of their own, without hashing, so that nothing but the limits slows them down. The owner's wait is
// simulated with the same decisions in memory, because it takes longer than anybody wants to wait.

import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { toClient } from '../src/rate-limit/client-address.ts';
import { LimitError } from '../src/rate-limit/errors.ts';
import { makeGuessLimit } from '../src/rate-limit/guess-limit.ts';
import { makeMemoryLimitStore } from '../src/rate-limit/memory-limit-store.ts';
import type { Client, GuessLimit, LimitStore } from '../src/rate-limit/ports.ts';
import { makeRedis } from '../src/redis/client.ts';
import { makeRedisLimitStore } from '../src/redis/limit-store.ts';
import { nativeRedis } from '../test/support/native/redis.ts';

const PER_MINUTE = 10; // the default of HTTP_STRICT_LIMIT_PER_MINUTE
const MAX_WAIT_MS = 1000; // half of the default of HTTP_REQUEST_TIMEOUT_MS
const ADDRESSES = [1, 10, 1000];
const MINUTE_MS = 60_000;
const ACCOUNT = 'owner';

const clientOf = (address: string): Client => {
  const client = toClient(address);
  if (client === undefined) throw new Error(`${address} is not an address`);
  return client;
};
/** Each in a /24 of its own, which is the worst case. */
const strangers = (count: number): Client[] =>
  Array.from({ length: count }, (_, index) => clientOf(`10.${index >> 8}.${index & 255}.1`));
const HOME = clientOf('192.0.2.7');
const ELSEWHERE = clientOf('203.0.113.7');

const limitOn = (store: LimitStore, pause: (ms: number) => Promise<unknown>): GuessLimit =>
  makeGuessLimit({ store, perMinute: PER_MINUTE, maxWaitMs: MAX_WAIT_MS, sleep: pause });

/** @returns seconds to wait when the attempt was refused; undefined when the password was verified */
const attempt = async (limit: GuessLimit, client: Client, isRight: boolean): Promise<number | undefined> => {
  try {
    await limit.signIn(ACCOUNT, client, () => Promise.resolve(isRight ? true : undefined));
    return undefined;
  } catch (error) {
    if (error instanceof LimitError) return error.retryAfterSeconds ?? 1;
    throw error;
  }
};

/** Every stranger guesses as fast as it is allowed to, and once a second while it is refused. @returns guesses that were verified */
const guessForAMinute = async (limit: GuessLimit, count: number): Promise<number> => {
  const end = Date.now() + MINUTE_MS;
  let verified = 0;
  const guess = async (client: Client): Promise<void> => {
    await sleep(randomInt(1000));
    while (Date.now() < end) {
      const wait = await attempt(limit, client, false);
      if (wait === undefined && Date.now() < end) verified += 1;
      if (wait !== undefined) await sleep(1000);
    }
  };
  await Promise.all(strangers(count).map(guess));
  return verified;
};

const measureGuesses = async () => {
  const { server, stop } = await nativeRedis();
  const settings = { tls: false, connectTimeoutMs: 1000, commandTimeoutMs: 5000, onError: () => undefined };
  const redis = makeRedis({ host: server.host, port: server.port, keyPrefix: 'bench:', ...settings });
  await redis.connect();
  const limitFor = (name: string): GuessLimit =>
    limitOn(makeRedisLimitStore({ redis, name, fallback: makeMemoryLimitStore({ maxKeys: 100_000 }) }), sleep);
  const measured = await Promise.all(
    ADDRESSES.map(async (count) => ({ count, verified: await guessForAMinute(limitFor(String(count)), count) })),
  );
  redis.disconnect();
  await stop();
  return measured;
};

/**
 * Every second all strangers guess, and then the owner tries with the right password, a minute after the beginning: whatever there is, the strangers
 * take it first. @returns seconds until the owner is in
 */
const simulateOwner = async (count: number, owner: Client): Promise<number> => {
  let now = 0;
  const all = strangers(count);
  const waits: number[] = [];
  const store = makeMemoryLimitStore({ maxKeys: 100_000, now: () => now });
  const limit = limitOn(store, (ms) => Promise.resolve(waits.push(ms)));
  await attempt(limit, HOME, true);
  for (now = 1000; now < 3_600_000; now += 1000) {
    const first = (now / 20) % count; // not always the same strangers, so that as many as possible have not tried yet
    for (const stranger of [...all.slice(first), ...all.slice(0, first)]) await attempt(limit, stranger, false);
    waits.length = 0;
    const isIn = now >= MINUTE_MS && (await attempt(limit, owner, true)) === undefined;
    if (isIn) return (now - MINUTE_MS + (waits[0] ?? 0)) / 1000;
  }
  return Infinity;
};

const measured = await measureGuesses();
process.stdout.write('| addresses | guesses per minute | owner at a known address | owner at a new address |\n');
process.stdout.write('| --- | --- | --- | --- |\n');
for (const { count, verified } of measured) {
  const [known, unknown] = [await simulateOwner(count, HOME), await simulateOwner(count, ELSEWHERE)];
  process.stdout.write(`| ${count} | ${verified} | ${known} s | ${unknown} s |\n`);
}
