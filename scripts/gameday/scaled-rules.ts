// The alerts of production, on a faster clock: a drill can't wait for five minutes of fault. docs/adr/0014 says what that changes.

import { parse, stringify } from 'yaml';

/** Every duration of the rules is divided by it. Thresholds of measured values stay. */
export const TIME_SCALE = 20;

/** A rate needs two samples, and targets are scraped once a second. */
const SHORTEST_WINDOW_MS = 4000;

const UNITS_MS = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
  ['y', 31_536_000_000],
]);
const PART = /(?<!\d)(\d+)(ms|[smhdwy])/g;
const DURATION = String.raw`(?:\d+(?:ms|[smhdwy]))+`;
/** `[5m]`, `[1h:30s]` and `offset 5m`. */
const WINDOW = new RegExp(String.raw`\[(${DURATION})(?::(${DURATION})?)?\]|\boffset (${DURATION})`, 'g'); // eslint-disable-line security/detect-non-literal-regexp -- constants above
/** Recorded rates are summed, times the seconds between two of them. */
const EVALUATIONS = /(sum_over_time\([^()]*\)) \* (\d+)/g;

const toMs = (duration: string): number =>
  [...duration.matchAll(PART)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (UNITS_MS.get(unit) ?? 0),
    0,
  );

const scaledMs = (duration: string): number => Math.round(toMs(duration) / TIME_SCALE);

const format = (ms: number): string => (ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`);

export const scaleDuration = (duration: string): string => format(scaledMs(duration));

const scaleWindow = (window: string): string => {
  if (scaledMs(window) < SHORTEST_WINDOW_MS) throw new Error(`The window ${window} is too short to be scaled.`);
  return scaleDuration(window);
};

export const scaleExpression = (expr: string): string =>
  expr
    .replaceAll(WINDOW, (_all, window: string | undefined, step: string | undefined, offset: string | undefined) => {
      if (window === undefined) return `offset ${scaleDuration(offset ?? '')}`;
      const steps = step === undefined ? '' : `:${scaleDuration(step)}`;
      return `[${scaleWindow(window)}${steps}]`;
    })
    .replaceAll(EVALUATIONS, (_all, sum: string, seconds: string) => `${sum} * ${Number(seconds) / TIME_SCALE}`);

type Rule = { expr: string; for?: string; keep_firing_for?: string };
type Rules = { groups: { interval?: string; rules: Rule[] }[] };

const scaleRule = ({ expr, ...rule }: Rule): Rule => ({
  ...rule,
  expr: scaleExpression(expr),
  ...(rule.for !== undefined && { for: scaleDuration(rule.for) }),
  ...(rule.keep_firing_for !== undefined && { keep_firing_for: scaleDuration(rule.keep_firing_for) }),
});

/** @param text a rule file of Prometheus */
export const scaleRules = (text: string): string => {
  const { groups } = parse(text) as Rules;
  const scaled = groups.map(({ rules, ...group }) => ({
    ...group,
    ...(group.interval !== undefined && { interval: scaleDuration(group.interval) }),
    rules: rules.map(scaleRule),
  }));
  return stringify({ groups: scaled }, { lineWidth: 0, aliasDuplicateObjects: false });
};
