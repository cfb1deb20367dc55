// Builds the HTTP request of an operation from its arguments.

type Row = {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  readonly takesParameters: boolean;
  readonly takesBody: boolean;
  readonly headers: Readonly<Record<string, string>>;
};
type Values = Readonly<Record<string, unknown>>;

export type PlainRequest = {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
};

/** @throws TypeError for a value that would change the path: empty, `.` or `..` */
const toSegment = (name: string, value: unknown): string => {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  if (['', '.', '..'].includes(text)) throw new TypeError(`${name} is not a valid path segment`);
  return encodeURIComponent(text);
};

const toUrl = (baseUrl: string, { path, query }: Row, parameters: ReadonlyMap<string, unknown>): string => {
  const filledPath = path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => toSegment(name, parameters.get(name)));
  const entries = query
    .filter((name) => parameters.get(name) !== undefined)
    .map((name): [string, string] => [name, String(parameters.get(name))]);
  const search = entries.length === 0 ? '' : `?${String(new URLSearchParams(entries))}`;
  return `${baseUrl.replace(/\/$/, '')}${filledPath}${search}`;
};

/** @param args those of parameters, body and options that the operation has, in this order */
export const toRequest = (baseUrl: string, row: Row, args: readonly unknown[]): PlainRequest => {
  const rest = [...args];
  const parameters = new Map(Object.entries((row.takesParameters ? rest.shift() : undefined) ?? {}));
  const body = row.takesBody ? JSON.stringify(rest.shift()) : undefined;
  const { signal, ...options } = (rest.shift() ?? {}) as Values & { signal?: AbortSignal };
  const optionValues = new Map(Object.entries(options));
  const headerOptions = Object.entries(row.headers).filter(([option]) => optionValues.get(option) !== undefined);
  return {
    url: toUrl(baseUrl, row, parameters),
    method: row.method,
    headers: {
      accept: 'application/json, application/problem+json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...Object.fromEntries(
        headerOptions.map(([option, header]) => [header.toLowerCase(), String(optionValues.get(option))]),
      ),
    },
    body,
    signal,
  };
};
