// The size of a run and its random numbers. RESILIENCE=full is `npm run test:resilience`; SEED repeats the choices of a run.

import { randomInt } from 'node:crypto';
import { env } from 'node:process';
import { variable } from '../../../src/config/environment.ts';

export const FULL = env.RESILIENCE === 'full';
export const SEED = Number(variable(env, 'SEED') ?? randomInt(1, 1_000_000));

/** Full or quick. */
export const scaled = (full: number, quick: number): number => (FULL ? full : quick);

/** mulberry32: the same numbers for the same seed, 0 ≤ x < 1. */
export const makeChance = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export type Figure = { readonly name: string; readonly value: number | string; readonly target: string };

/** The total, then each kind with its count. */
export const listCounts = (counts: ReadonlyMap<string, number>): string => {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const kinds = [...counts].map(([kind, count]) => `${kind} ${count}`);
  return kinds.length === 0 ? '0' : `${total}: ${kinds.join(', ')}`;
};

/** One line per goal: measured values, with their targets in brackets. */
export const report = (id: string, figures: readonly Figure[]): void => {
  const measured = figures.map(({ name, value, target }) => `${name} ${value} (${target})`);
  process.stdout.write(`${id}  ${measured.join(' · ')} · seed ${SEED}\n`);
};
