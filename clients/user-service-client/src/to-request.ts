// An operation and its arguments as one HTTP request.

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

/** @throws TypeError for what would lead to another path: nothing, `.` and `..` */
const toSegment = (name: string, value: unknown): string => {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  if (['', '.', '..'].includes(text)) throw new TypeError(`${name} must be a text that can stand in a path`);
  return encodeURIComponent(text);
};

const toUrl = (baseUrl: string, { path, query }: Row, parameters: ReadonlyMap<string, unknown>): string => {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => toSegment(name, parameters.get(name)));
  const given = query
    .filter((name) => parameters.get(name) !== undefined)
    .map((name): [string, string] => [name, String(parameters.get(name))]);
  const search = given.length === 0 ? '' : `?${String(new URLSearchParams(given))}`;
  return `${baseUrl.replace(/\/$/, '')}${filled}${search}`;
};

/** @param args parameters, body, options: those of the three that the operation has, in this order */
export const toRequest = (baseUrl: string, row: Row, args: readonly unknown[]): PlainRequest => {
  const rest = [...args];
  const parameters = new Map(Object.entries((row.takesParameters ? rest.shift() : undefined) ?? {}));
  const body = row.takesBody ? JSON.stringify(rest.shift()) : undefined;
  const { signal, ...options } = (rest.shift() ?? {}) as Values & { signal?: AbortSignal };
  const given = new Map(Object.entries(options));
  const own = Object.entries(row.headers).filter(([option]) => given.get(option) !== undefined);
  return {
    url: toUrl(baseUrl, row, parameters),
    method: row.method,
    headers: {
      accept: 'application/json, application/problem+json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...Object.fromEntries(own.map(([option, header]) => [header.toLowerCase(), String(given.get(option))])),
    },
    body,
    signal,
  };
};
