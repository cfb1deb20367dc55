// A release with a defect, for drills: a function computes for a quarter of a second, twice a second. Preloaded with --import.

const BLOCKED_MS = 250;
const EVERY_MS = 500;

const calculateStatistics = (): number => {
  const end = performance.now() + BLOCKED_MS;
  let sum = 0;
  while (performance.now() < end) for (let n = 0; n < 100_000; n += 1) sum += Math.sqrt(n);
  return sum;
};

setInterval(calculateStatistics, EVERY_MS).unref();
