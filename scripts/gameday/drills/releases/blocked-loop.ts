// A release with a defect, for drills: a function computes for a quarter of a second, twice a second. Preloaded with --import.

const BLOCKED_MS = 250;
const EVERY_MS = 500;

const calculateStatistics = (): number => {
  const end = performance.now() + BLOCKED_MS;
  let sum = 0;
  while (performance.now() < end) sum += Math.sqrt(sum + 1);
  return sum;
};

setInterval(calculateStatistics, EVERY_MS).unref();
