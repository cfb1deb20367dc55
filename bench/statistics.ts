export type Summary = { readonly median: number; readonly min: number; readonly max: number };

export const summarize = (values: readonly number[]): Summary => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted.at(index) ?? Number.NaN;
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2;
  return { median, min: at(0), max: at(-1) };
};

/** @param fraction 0.99 for the 99th percentile (nearest rank) */
export const percentile = (values: readonly number[], fraction: number): number =>
  values.toSorted((a, b) => a - b).at(Math.ceil(values.length * fraction) - 1) ?? Number.NaN;

/** Ratios per round, so that a slowdown of the machine affects both sides of a ratio. */
export const ratios = (numerators: readonly number[], denominators: readonly number[]): Summary =>
  summarize(numerators.map((value, round) => value / (denominators.at(round) ?? Number.NaN)));

/** `0.86 (0.84–0.88)` */
export const format = ({ median, min, max }: Summary, digits: number): string =>
  `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
