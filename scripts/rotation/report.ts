// The checks and figures of a run.

export type Check = {
  readonly name: string;
  readonly figure: string;
  readonly passed: boolean;
};

type Line = (text: string) => void;

export const makeReport = (line: Line) => {
  const checks: Check[] = [];
  const start = performance.now();
  const say = (text: string): void => {
    line(`${((performance.now() - start) / 1000).toFixed(0).padStart(4)} s  ${text}`);
  };
  return {
    say,
    check: (name: string, passed: boolean, figure: string): void => {
      checks.push({ name, figure, passed });
      say(`${passed ? '✓' : '✗'} ${name}: ${figure}`);
    },
    table: (): string => {
      const width = Math.max(...checks.map(({ name }) => name.length));
      return checks
        .map(({ name, figure, passed }) => `${passed ? '✓' : '✗'} ${name.padEnd(width)}  ${figure}`)
        .join('\n');
    },
    counts: (): { readonly passed: number; readonly failed: number } => {
      const passed = checks.filter((check) => check.passed).length;
      return { passed, failed: checks.length - passed };
    },
  };
};

export type Report = ReturnType<typeof makeReport>;

export const median = (sorted: readonly number[]): number => sorted.at(Math.floor(sorted.length / 2)) ?? Number.NaN;

/** @param share e.g. 0.99 */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted.at(Math.min(sorted.length - 1, Math.floor(sorted.length * share))) ?? Number.NaN;

export const ms = (value: number): string => `${Math.round(value)} ms`;
export const seconds = (valueMs: number): string => `${(valueMs / 1000).toFixed(1)} s`;
