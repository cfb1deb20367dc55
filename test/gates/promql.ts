// What a PromQL expression reads: enough of its grammar for our dashboards. A real Prometheus executes them in test/telemetry/dashboards.test.ts.

export type Matcher = { readonly label: string; readonly operator: string; readonly value: string };
export type Selector = {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** Inside of rate or increase, which are for counters. */
  readonly isCounted: boolean;
};
export type Reading = { readonly selectors: readonly Selector[]; readonly groupedBy: readonly string[] };

const KEYWORDS = new Set(['or', 'and', 'unless', 'bool', 'offset', 'inf', 'nan']);
const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
// eslint-disable-next-line security/detect-unsafe-regex, sonarjs/super-linear-regex -- for our own files
const SELECTOR = /(?<before>\b(?:rate|increase)\()?(?<metric>[a-zA-Z_:][\w:]*)(?<braces>\{[^}]*\})?(?!\w|\s*\()/g;
const MATCHER = /\b(\w{1,64})(=~|!~|!=|=)"([^"]*)"/g;

const matchersOf = (braces = ''): Matcher[] =>
  [...braces.matchAll(MATCHER)].map(([, label = '', operator = '', value = '']) => ({ label, operator, value }));

/** @param expr without the variables of Grafana */
export const readPromql = (expr: string): Reading => {
  const groupedBy = [...expr.matchAll(GROUPING)].flatMap(([, labels = '']) =>
    labels.split(',').map((name) => name.trim()),
  );
  const rest = expr.replaceAll(GROUPING, '').replaceAll(/(?<=[}\w])\[\w+\]/g, '');
  const selectors = [...rest.matchAll(SELECTOR)].flatMap(({ groups = {} }) => {
    const { before, metric = '', braces } = groups;
    if (KEYWORDS.has(metric)) return [];
    return [{ metric, matchers: matchersOf(braces), isCounted: before !== undefined }];
  });
  return { selectors, groupedBy };
};
