// The timeline of a drill: what happened, in seconds since the fault.

export type Entry = {
  readonly at: number;
  readonly what: string;
  readonly detail: string;
  /** Its `at` is only its place: it did not happen. */
  readonly isTimeless?: boolean;
};

const SECOND_MS = 1000;

/** `12.3 s`; a dash for what did not happen. */
export const seconds = (ms: number | undefined): string =>
  ms === undefined ? '–' : `${(ms / SECOND_MS).toFixed(1)} s`;

/** What users noticed first. Nothing: right after the fault, without a time. */
export const firstFailureOf = (
  failure: { readonly at: number; readonly what: string } | undefined,
  start: number,
): Entry => ({
  at: failure?.at ?? start,
  what: 'first user-visible failure',
  detail: failure?.what ?? 'none: users did not notice',
  ...(failure === undefined && { isTimeless: true }),
});

const rowsOf = (entries: readonly Entry[], start: number): string[][] =>
  entries
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, what, detail, isTimeless = false }) => [
      isTimeless ? seconds(undefined) : `+${seconds(at - start)}`,
      what,
      detail,
    ]);

/** Columns as wide as their widest cell; the first one to the right. */
export const formatTable = (rows: readonly (readonly string[])[]): string => {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => (row.at(column) ?? '').length)),
  );
  const format = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padStart(widths.at(column) ?? 0) : cell.padEnd(widths.at(column) ?? 0))).join('  ').trimEnd(); // prettier-ignore
  return rows.map(format).join('\n');
};

/** @param start the time of the fault, in milliseconds like `at` */
export const formatTimeline = (entries: readonly Entry[], start: number): string => formatTable(rowsOf(entries, start));

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`).replaceAll('\n', ' ');

export const timelineAsMarkdown = (entries: readonly Entry[], start: number): string =>
  [
    '| since the fault | what | detail |',
    '| --- | --- | --- |',
    ...rowsOf(entries, start).map((row) => `| ${row.map(cell).join(' | ')} |`),
  ].join('\n');
