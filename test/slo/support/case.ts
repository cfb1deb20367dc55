// One case of a rule test: series that Prometheus scrapes, and which alerts fire when.

export type Severity = 'page' | 'ticket';

export type Expectation = {
  /** Time since the first scrape, e.g. `1h2m`. */
  readonly at: string;
  /** Without the prefix of the service. */
  readonly alert: string;
  readonly severity: Severity;
  readonly fires: boolean;
};

export type Case = {
  readonly name: string;
  /** The groups of rules that are loaded: names of objectives, or `causes`. */
  readonly rules: readonly string[];
  readonly series: Readonly<Record<string, string>>;
  readonly expect: readonly Expectation[];
  /** Between two scrapes, 10s by default. */
  readonly interval?: '10s' | '1m';
  /** Between two evaluations of the rules, 30s by default: cases of days take too long with it. */
  readonly evaluate?: '5m';
  /** PromQL and its value at the end of the case. */
  readonly values?: readonly { readonly at: string; readonly expr: string; readonly value: number }[];
};

export const fires = (at: string, alert: string, severity: Severity = 'page'): Expectation => ({
  ...{ at, alert, severity },
  fires: true,
});

export const silent = (at: string, alert: string, severity: Severity = 'page'): Expectation => ({
  ...{ at, alert, severity },
  fires: false,
});

/** Fires at no severity. */
export const quiet = (at: string, alert: string): Expectation[] => [silent(at, alert), silent(at, alert, 'ticket')];
