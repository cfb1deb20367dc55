// A release with a defect, for drills: a list without a bound. It stops growing shortly before the process would end. Preloaded with --import.

import { getHeapStatistics } from 'node:v8';

const ENOUGH = 0.86;
const EVERY_MS = 50;
const ENTRIES = 4000;

type Entry = { readonly userId: string; readonly at: number };
const visits: Entry[][] = [];

const rememberVisits = (): void => {
  if (process.memoryUsage().heapUsed > ENOUGH * getHeapStatistics().heap_size_limit) return;
  visits.push(Array.from({ length: ENTRIES }, (_, n) => ({ userId: `${n}-${visits.length}`, at: n + 0.5 })));
};

setInterval(rememberVisits, EVERY_MS).unref();
