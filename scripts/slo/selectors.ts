// One notation of label filters for two query languages: `x` equal, `!x` not equal, `5*` begins with 5, `!5*` does not; all of a list must hold.

export type Filters = Readonly<Record<string, string | readonly string[]>>;

type Condition = { readonly label: string; readonly not: boolean; readonly value: string };

const conditionsOf = (filters: Filters): Condition[] =>
  Object.entries(filters).flatMap(([label, values]) =>
    [values].flat().map((text) => {
      const not = text.startsWith('!');
      return { label, not, value: not ? text.slice(1) : text };
    }),
  );

const toPromql = ({ label, not, value }: Condition): string =>
  value.endsWith('*')
    ? `${label}${not ? '!~' : '=~'}"${value.slice(0, -1)}.*"`
    : `${label}${not ? '!=' : '='}"${value}"`;

/** @returns matchers without braces, e.g. `status!="499",route="/users"` */
export const promqlOf = (...filters: readonly (Filters | undefined)[]): string =>
  filters
    .flatMap((each) => conditionsOf(each ?? {}))
    .map(toPromql)
    .join(',');

/** @returns a scope without braces, e.g. `!status:499,route:/users` */
export const datadogOf = (...filters: readonly (Filters | undefined)[]): string =>
  filters
    .flatMap((each) => conditionsOf(each ?? {}))
    .map(({ label, not, value }) => `${not ? '!' : ''}${label}:${value}`)
    .join(',');

/** The opposite of filters with one condition. `failed` has one: the events that did not fail are those it does not select. */
export const inverted = (filters: Filters | undefined): Filters => {
  const conditions = conditionsOf(filters ?? {});
  if (conditions.length > 1) throw new Error('"failed" must be one condition');
  return Object.fromEntries(conditions.map(({ label, not, value }) => [label, not ? value : `!${value}`]));
};
